//! A page for each problem: what its `type` leads to.

use writ_http::problem::{CATALOGUE, Page};

/// The page of a problem; `None` if there is no such code.
pub(super) fn page(code: &str) -> Option<String> {
    let page = CATALOGUE.iter().find(|page| page.code == code)?;
    let Page {
        code,
        status,
        title,
        description,
        remedy,
        ..
    } = page;
    let body = format!(
        "<h1>{}</h1>\n<p><code>{code}</code>, status {status}</p>\n<p>{}</p>\n\
         <h2>What you can do</h2>\n<p>{}</p>\n<p><a href=\"/problems\">All problems</a></p>",
        marked(title),
        marked(description),
        marked(remedy)
    );
    Some(framed(title, &body))
}

/// All of them.
pub(super) fn index() -> String {
    let rows: Vec<String> = CATALOGUE.iter().map(row).collect();
    let rows = rows.concat();
    let head = "<thead><tr><th scope=\"col\">Code</th><th scope=\"col\">Status</th>\
                <th scope=\"col\">What it means</th></tr></thead>";
    let body = format!("<h1>Problems</h1>\n<table>{head}<tbody>\n{rows}</tbody></table>");
    framed("Problems", &body)
}

fn row(page: &Page) -> String {
    let (code, status) = (page.code, page.status.as_u16());
    let title = marked(page.title);
    let link = format!("<a href=\"/problems/{code}\"><code>{code}</code></a>");
    format!("<tr><td>{link}</td><td>{status}</td><td>{title}</td></tr>\n")
}

fn framed(title: &str, body: &str) -> String {
    let title = escaped(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} · Writ</title>\n<link rel=\"icon\" href=\"data:,\">\n\
         <link rel=\"stylesheet\" href=\"/docs/page.css\">\n</head>\n<body>\n\
         <header><p><a href=\"/docs\">Writ’s routes</a></p></header>\n<main>\n{body}\n</main>\n\
         </body>\n</html>\n"
    )
}

/// Text with `code` in backticks.
fn marked(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts
        .map(|(index, part)| {
            let part = escaped(part);
            if index % 2 == 1 {
                format!("<code>{part}</code>")
            } else {
                part
            }
        })
        .collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

//! `docker-compose.yml`.

use serde_json::{Map, Value};
use writ_tests::kafka::Client;

use super::writ::Variables;
use super::{assert_pinned, in_checkout, read, writ, yaml};

pub(super) struct Compose {
    file: Value,
}

/// One service of the file.
#[derive(Clone, Copy)]
pub(super) struct Service<'a> {
    name: &'a str,
    body: &'a Map<String, Value>,
}

impl Compose {
    pub(super) fn read() -> Self {
        Self {
            file: yaml::parse(&read("docker-compose.yml")),
        }
    }

    fn services(&self) -> Vec<Service<'_>> {
        let services = self.file["services"].as_object().expect("services");
        services
            .iter()
            .map(|(name, body)| Service {
                name,
                body: body.as_object().expect("a service"),
            })
            .collect()
    }

    pub(super) fn service(&self, name: &str) -> Service<'_> {
        let services = self.services();
        let found = services.into_iter().find(|service| service.name == name);
        found.unwrap_or_else(|| panic!("there is no service {name}"))
    }

    /// The services that run our image.
    fn ours(&self) -> Vec<Service<'_>> {
        let built = |service: &Service<'_>| service.body.contains_key("build");
        self.services().into_iter().filter(built).collect()
    }
}

impl<'a> Service<'a> {
    pub(super) fn list(self, key: &str) -> Vec<String> {
        let values = self.body.get(key).and_then(Value::as_array);
        values.into_iter().flatten().map(text).collect()
    }

    /// As compose passes them on where nobody has set a variable of its own.
    pub(super) fn variables(self) -> Variables {
        let variables = self.body.get("environment").and_then(Value::as_object);
        let pair = |(name, value): (&String, &Value)| (name.clone(), substituted(&text(value)));
        variables.into_iter().flatten().map(pair).collect()
    }

    pub(super) fn health_check(self) -> Option<Vec<String>> {
        let test = self.body.get("healthcheck")?.get("test")?.as_array()?;
        let words = test.iter().map(|word| substituted(&text(word)));
        Some(words.collect())
    }

    /// The services that it waits for, each with the condition.
    fn needs(self) -> Vec<(&'a str, &'a str)> {
        let needed = self.body.get("depends_on").and_then(Value::as_object);
        let condition = |value: &'a Value| value["condition"].as_str().expect("a condition");
        let pair = |(name, value): (&'a String, &'a Value)| (name.as_str(), condition(value));
        needed.into_iter().flatten().map(pair).collect()
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// `${NAME:-default}` is the default, `$$` a dollar.
fn substituted(text: &str) -> String {
    let mut parts = text.split("${");
    let mut all = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (expression, rest) = part.split_once('}').expect("a closing brace");
        let (_, default) = expression.split_once(":-").expect("a default");
        all.push_str(default);
        all.push_str(rest);
    }
    all.replace("$$", "$")
}

#[test]
fn writ_takes_all_commands_and_variables() {
    let compose = Compose::read();
    let ours = compose.ours();
    let names: Vec<_> = ours.iter().map(|service| service.name).collect();
    assert_eq!(names, ["migrate", "topics", "writ"]);
    for service in ours {
        writ::assert_takes(&service.list("command"), &service.variables());
        // Where one service decides on another topic or schema than the next one, all is lost.
        assert_eq!(service.variables(), compose.service("writ").variables());
    }
    let written = compose.service("writ").variables();
    for name in ["WRIT_KAFKA", "WRIT_DATABASE_URL"] {
        assert!(written.contains_key(name), "{name} is missing");
    }
}

#[test]
fn images_are_pinned_and_ours_has_our_version() {
    let compose = Compose::read();
    for service in compose.services() {
        assert_pinned(service.body["image"].as_str().expect("an image"));
    }
    for service in compose.ours() {
        let image = concat!("writ:", env!("CARGO_PKG_VERSION"));
        assert_eq!(service.body["image"], image, "{}", service.name);
        let build = &service.body["build"];
        let context = in_checkout(build["context"].as_str().expect("a context"));
        assert!(context.join(text(&build["dockerfile"])).is_file());
    }
}

#[test]
fn ports_are_published_to_this_machine_alone() {
    for service in Compose::read().services() {
        for port in service.list("ports") {
            assert!(port.starts_with("127.0.0.1:"), "{}: {port}", service.name);
        }
    }
    let writ = Compose::read();
    let writ = writ.service("writ");
    let listens = writ.list("command").pop().expect("an address");
    let (_, port) = listens.rsplit_once(':').expect("a port");
    assert_eq!(writ.list("ports"), [format!("127.0.0.1:{port}:{port}")]);
}

#[test]
fn data_is_kept_in_volumes_that_are_declared() {
    let compose = Compose::read();
    let declared = compose.file["volumes"].as_object().expect("volumes");
    let mut used = Vec::new();
    for service in compose.services() {
        for volume in service.list("volumes") {
            let (name, _) = volume.split_once(':').expect("a volume and a place");
            used.push(name.to_owned());
        }
    }
    used.sort();
    assert_eq!(used, declared.keys().cloned().collect::<Vec<_>>());
    let dockerfile = read(".docker/Dockerfile");
    let kept = compose.service("writ").list("volumes");
    let (_, dir) = kept[0].split_once(':').expect("a place");
    assert!(dockerfile.contains(&format!("WRIT_DATA_DIR={dir}\n")));
}

#[test]
fn every_service_waits_for_what_it_needs() {
    let compose = Compose::read();
    for service in compose.services() {
        for (name, condition) in service.needs() {
            let needed = compose.service(name);
            let ends = !needed.body.contains_key("restart");
            let expected = if ends {
                "service_completed_successfully"
            } else {
                assert!(
                    needed.health_check().is_some(),
                    "{name} has no health check"
                );
                "service_healthy"
            };
            assert_eq!(condition, expected, "{} waits for {name}", service.name);
        }
    }
    let needs = |name| compose.service(name).needs();
    assert_eq!(
        needs("topics").first().map(|(name, _)| *name),
        Some("kafka")
    );
    assert_eq!(
        needs("migrate").first().map(|(name, _)| *name),
        Some("postgres")
    );
    let before: Vec<_> = needs("writ").iter().map(|(name, _)| *name).collect();
    assert_eq!(before, ["migrate", "topics"]);
}

#[test]
fn the_database_is_the_one_that_writ_is_given() {
    let compose = Compose::read();
    let given = compose.service("postgres").variables();
    let url = format!(
        "postgres://{}:{}@postgres:5432/{}",
        given["POSTGRES_USER"], given["POSTGRES_PASSWORD"], given["POSTGRES_DB"]
    );
    assert_eq!(
        compose.service("writ").variables()["WRIT_DATABASE_URL"],
        url
    );
    let health = compose.service("postgres").health_check().expect("a check");
    assert!(health.contains(&format!("--username={}", given["POSTGRES_USER"])));
    assert!(health.contains(&format!("--dbname={}", given["POSTGRES_DB"])));
}

#[test]
fn kafka_is_where_writ_looks_and_fit_for_one_node() {
    let compose = Compose::read();
    let kafka = compose.service("kafka");
    let settings = kafka.variables();
    let brokers = &compose.service("writ").variables()["WRIT_KAFKA"];
    let advertised = &settings["KAFKA_ADVERTISED_LISTENERS"];
    assert!(
        advertised.contains(&format!("INSIDE://{brokers},")),
        "{advertised}"
    );
    assert!(brokers.starts_with(&format!("{}:", kafka.name)));
    let listeners = &settings["KAFKA_LISTENERS"];
    for port in kafka.list("ports") {
        let (_, port) = port.rsplit_once(':').expect("a port");
        assert!(
            listeners.contains(&format!("HOST://:{port}")),
            "{listeners}"
        );
        assert!(
            advertised.contains(&format!("HOST://localhost:{port}")),
            "{advertised}"
        );
    }
    let checked = kafka
        .health_check()
        .expect("a check")
        .pop()
        .expect("an address");
    let (_, port) = checked.rsplit_once(':').expect("a port");
    assert!(
        listeners.contains(&format!("INSIDE://:{port}")),
        "{checked} in {listeners}"
    );
    // What nobody made is an error, and one node cannot keep two copies of anything.
    assert_eq!(settings["KAFKA_AUTO_CREATE_TOPICS_ENABLE"], "false");
    for (name, value) in &settings {
        if name.ends_with("REPLICATION_FACTOR") || name.ends_with("MIN_ISR") {
            assert_eq!(value, "1", "{name}");
        }
    }
    let dir = format!(":{}", settings["KAFKA_LOG_DIRS"]);
    assert!(kafka.list("volumes")[0].ends_with(&dir), "{dir}");
}

/// The image makes `a.b` of `KAFKA_A_B`.
#[tokio::test(flavor = "multi_thread")]
async fn kafka_knows_each_of_its_settings() {
    let client = Client::of_shared();
    let known = client.settings_of(client.nodes().await[0]).await;
    assert!(known.contains("log.retention.ms"), "{known:?}");
    assert!(!known.contains("log.retention.moons"), "{known:?}");
    for name in Compose::read().service("kafka").variables().into_keys() {
        if let Some(setting) = name.strip_prefix("KAFKA_") {
            let setting = setting.to_lowercase().replace('_', ".");
            assert!(known.contains(&setting), "Kafka has no setting {setting}");
        } else {
            assert_eq!(name, "CLUSTER_ID");
        }
    }
}

#[test]
fn defaults_and_dollars_are_substituted() {
    assert_eq!(substituted("a ${B:-c} $$d ${E:-f}g"), "a c $d fg");
}

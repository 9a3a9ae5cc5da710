-- store.rebuild.search
SELECT set_config('search_path', format('%I, %I', $1::text, $2::text), false)

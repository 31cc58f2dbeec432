//! Commands of which a reviewer says something, and commands of which it says nothing.

use proptest::prelude::*;

use super::{on_command, on_text};

fn said(text: &str) -> Vec<(String, String)> {
    on_command(text, false).into_iter().map(|r| (text[r.at].to_owned(), r.why)).collect()
}

fn each(list: &str) -> impl Iterator<Item = &str> {
    list.lines().map(str::trim).filter(|l| !l.is_empty())
}

const HOLDS_UP: &str = r#"
    tail -f /var/log/syslog
    tail -n 5 --follow=name x
    tail -100f x
    watch kubectl get pods
    sudo htop
    cd app && npm start
    npm run start:production
    PORT=3 uvicorn main:app
    pm2 logs
    kubectl logs -f deploy/web
    sudo nano /etc/hosts
    ./x.sh; journalctl -fu web
    python3 -m http.server 80
    docker compose up
    docker compose -f x.yml up --build
    ping example.com
    sudo -u app tail -f x
    sudo -E watch ls
    nohup npm start
    bash -c 'tail -f x'
    bash -lc "cd /app && tail -f x"
    ssh h tail -f x
    ssh -p 22 h "cd /x; tail -f y"
    echo $(tail -f x)
    npx next start
    bundle exec rails s
    ssh user@prod
    sudo ssh -i key user@prod
    crontab -e
    git commit
    git commit -a
    git rebase -i HEAD~3
    kubectl edit deploy web
    kubectl get pods -w
    kubectl -n web get pods --watch=true
    man psql
    sleep infinity
    while true; do ./x; sleep 1; done
    docker run nginx
    docker run --rm -p 80:80 registry.example.com/nginx:1.27
    node server.js
    redis-server
    java -jar app.jar
    bundle exec sidekiq
    celery -A app worker
    nginx -g 'daemon off;'
    docker exec -it web tail -f x
    kubectl exec -n web pod -- tail -f x
    env A=b nice -n 5 tail -f x
    apt-get install nginx
"#;

const ENDS: &str = r#"
    tail -n 50 x
    npm start &
    nohup npm start > log 2>&1 &
    { tail -f x; } & pid=$!
    timeout 30 tail -f x
    timeout 30 bash -c 'while true; do ./x; done'
    tail -f x | grep -q ready
    while true; do ./ok && break; sleep 1; done
    npm run build
    npm ci
    npm run dev:migrate
    npm run watch:build
    pm2 logs --nostream
    docker compose up -d
    docker compose run app npm test
    docker run -d nginx
    docker run --rm nginx nginx -t
    echo 'tail -f x'
    # watch the logs with tail -f
    ping -c 3 h
    ./deploy.sh >log 2>&1
    top -bn1
    ./watch x
    ./re_deploy_everything.sh
    git tag re_production_release
    git commit -am 'release'
    git commit --amend --no-edit
    vim --version
    less --version
    psql --version
    curl --version
    uvicorn --version
    command -v less
    gunicorn --check-config app
    kubectl get pods -owide
    kubectl get pods --watch=false
    ssh h 'systemctl restart web'
    ssh -f -N -L 1:h:2 h
    java -jar flyway.jar migrate
    node migrate.js
    nginx -t
    nginx -s reload
    redis-server --daemonize yes
    case $x in watch|less) ./a;; esac
    crontab -l
    apt-get install -y nginx
    yes | apt-get install nginx
    for x in tail -f; do ./a "$x"; done
    if ! git diff --quiet; then exit 1; fi
"#;

#[test]
fn commands_that_hold_a_step_up() {
    for text in each(HOLDS_UP) {
        assert_eq!(said(text).len(), 1, "{text}: {:?}", said(text));
    }
}

#[test]
fn commands_that_end() {
    for text in each(ENDS) {
        assert_eq!(said(text), [], "{text}");
    }
}

#[test]
fn here_documents_and_comments_are_no_commands() {
    for text in [
        "cat > x <<EOF\ntail -f y\ncurl h\nEOF\n./x",
        "cat <<'EOF' | ssh h\nwatch ls\nEOF",
        "./x # then tail -f\n  # TODO: watch y\n./z",
    ] {
        assert_eq!(said(text), [], "{text}");
    }
    assert_eq!(said("cat <<EOF > x\na\nEOF\ntail -f x")[0].0, "tail -f x");
    assert_eq!(said("bash -c './a; tail -f x'")[0].0, "tail -f x", "places inside of quotes are known");
}

#[test]
fn commands_that_hide_their_failure() {
    let (part, why) = &said("set -x; curl -s https://example.com/health | jq .")[0];
    assert_eq!(part, "curl -s https://example.com/health");
    assert!(why.contains("curl -fsS"));
    for text in each(
        r#"psql "$DB" < dump.sql
        x=$(curl -s u)
        timeout 10 curl u
        sudo -u postgres psql -f x
        docker exec db psql -f x
        psql -v ON_ERROR_STOP=0 -f x
        psql -f x -c y"#,
    ) {
        let said = said(text);
        assert!(
            said.len() == 1 && (said[0].1.contains("ON_ERROR_STOP") || said[0].1.contains("-fsS")),
            "{text}: {said:?}"
        );
    }
    for text in each(
        r#"curl -fsS h
        curl --fail h
        curl -sSf h
        curl -K conf
        curl --fail-with-body -X POST h
        code=$(curl -s -o /dev/null -w '%{http_code}' h)
        curl -s h | grep -q ok
        psql -v ON_ERROR_STOP=1 -f x
        psql --set=ON_ERROR_STOP=on -f x
        psql -c 'select 1'
        psql -Atc 'select 1' "$DB""#,
    ) {
        assert_eq!(said(text), [], "{text}");
    }
}

#[test]
fn secrets_in_the_words_of_a_command() {
    for (text, part) in [
        ("mysql -phunter22 db", "-phunter22"),
        ("curl -fu admin:hunter22 h", "admin:hunter22"),
        ("./x --password hunter22", "hunter22"),
        ("sudo sshpass -p 'hunter22' ssh h ls", "'hunter22'"),
    ] {
        assert_eq!(said(text).first().map(|(p, _)| p.as_str()), Some(part), "{text}");
    }
    for text in each(
        r#"mysql -p"$pw" db
        curl -fu "admin:$pw" h
        ./x --password "$pw"
        ./x --password-file /etc/x
        docker login --password-stdin
        kubectl create secret generic x --from-file=token=/etc/x"#,
    ) {
        assert_eq!(said(text), [], "{text}");
    }
}

#[test]
fn secrets_and_blanks_in_any_text() {
    for (text, part) in [
        ("export STRIPE=sk_live_abcdefghijklmnop", "sk_live_abcdefghijklmnop"),
        ("psql -c x postgres://app:hunter22@db/app", "postgres://app:hunter22@"),
        ("curl -f -H 'Authorization: Bearer abcdefghijklmnopqrstuvwx' h", "abcdefghijklmnopqrstuvwx"),
        ("DB_PASSWORD=hunter22 ./x", "DB_PASSWORD=hunter22"),
        ("-H 'X-Api-Key: 9f8e7d6c5b4a'", "X-Api-Key: 9f8e7d6c5b4a"),
        ("-H 'Authorization: Basic YWRtaW46aHVudGVyMjI='", "Authorization: Basic YWRtaW46aHVudGVyMjI="),
        ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI7MDENG ./x", "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI7MDENG"),
        ("db_password = \"hunter22xyz\"", "db_password = \"hunter22xyz"),
        ("./restore.sh ____", "____"),
        ("call <ON_CALL>", "<ON_CALL>"),
        ("call <role>", "<role>"),
        ("call the <Release Manager>", "<Release Manager>"),
        ("aws s3 ls s3://[backup-bucket]/x", "[backup-bucket]"),
        ("ssh {{HOST}} ls", "{{HOST}}"),
        ("https://your-domain.com/health", "your-domain.com"),
        ("key=YOUR_API_KEY", "YOUR_API_KEY"),
        ("TODO", "TODO"),
    ] {
        let first = on_text(text).into_iter().next().map(|r| text[r.at].to_owned());
        assert_eq!(first.as_deref(), Some(part), "{text}");
    }
    for text in each(
        r#"./x "$token"
        psql -c x "postgres://app:$pw@db"
        DB_PASSWORD=$pw ./x
        a < b > c
        __init__
        ./re_deploy_everything.sh
        git tag re_production_release
        --from-file=token=/etc/x
        --secret=my-app-secret-v2
        npm_config_cache_directory=x
        mktemp /tmp/x.XXXXXX
        docker inspect -f '{{.State.Status}}' x
        grep -q '<title>' page
        errors[blue] > 5%
        lag[db-a] < 5s
        password = "ask the one on call""#,
    ) {
        assert_eq!(on_text(text), [], "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_taken(text in "\\PC{0,80}") {
        for remark in on_command(&text, false).into_iter().chain(on_text(&text)) {
            prop_assert!(text.get(remark.at).is_some());
        }
    }

    #[test]
    fn any_row_of_wrappers_is_taken(
        words in prop::collection::vec(
            prop::sample::select(vec!["sudo", "-u", "bash", "-c", "'", "\"", "ssh", "h", "docker", "compose", "exec", "--",
                "é", "$(", ")", "timeout", "kubectl", "su", "curl", "tail", "-f", "'a; tail -f é'", ";", "|"]),
            0..20,
        )
    ) {
        let text = words.join(" ");
        for remark in on_command(&text, false) {
            prop_assert!(text.get(remark.at).is_some());
        }
    }
}

#[test]
fn the_patterns_can_be_read() {
    assert!(super::text::readable());
}

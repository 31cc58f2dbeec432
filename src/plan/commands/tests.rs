//! Commands of which a reviewer says something, and commands of which it says nothing.

use proptest::prelude::*;

use super::{on_command, on_text, question};

pub(super) fn said(text: &str) -> Vec<(String, String)> {
    on_command(text, false).into_iter().map(|r| (text[r.at].to_owned(), r.why)).collect()
}

pub(super) fn each(list: &str) -> impl Iterator<Item = &str> {
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
    terraform apply
    terraform -chdir=x destroy
    terraform apply -var-file x.tfvars
    iostat -x 1
    vmstat 1
    pidstat -p 4711 1
    prometheus
    prometheus --config.file=x.yml
    nc -l 80
    nc -lk -p 80
    kubectl top pods -w
    multitail x
    systemd-cgtop
    strace -fp 1
    screen -r
    pulumi up
    git -C /x commit
    EDITOR=vim crontab -e
    docker compose -f x.yml logs -f web
    yes
    yes y > /tmp/x
    nohup ./server
    nohup ./server > log 2>&1
    sudo nohup /opt/app/bin/server
    timeout 0 tail -f x
    timeout -k 5 0s tail -f x
    find . -name x -exec vim {} \;
    find . -exec ls {} \; -exec vim {} +
    xargs -I{} vim {}
    ls | xargs -I {} -P 1 vim {}
    sudo -u app tail -f
    env X=1 htop
    bash
    sudo -i
    sudo -u app bash -l
    ssh -t h bash
    kubectl exec -it pod -- bash
    kubectl -n web exec -it deploy/web -c app -- /bin/sh
    docker exec -it web sh
    docker run -it image bash
    docker run --rm -it -v /x:/x --network host --cpus 2 image /bin/bash -l
    docker run --rm -e A=b image npm start
    docker compose run --rm app bash
    psql
    psql "$DB"
    psql -h db -U app -d app -v ON_ERROR_STOP=1
    sudo -u postgres psql
    docker exec -it db psql -U app
    mysql
    mysql -h db -u app app
    sqlite3 app.db
    redis-cli -h cache
    mongosh mongodb://db/app
    python3
    python3 -i x.py
    node
    python -m uvicorn main:app
    python3 -m gunicorn -w 4 app:app
    python -m flask run --port 80
    daphne x.asgi:application
    supervisord -n
    supervisord -nc /etc/x.conf
    vite
    npx vite --port 3000
    npx jest --watch
    tsc -w
    postgres -D /var/lib/x
    mysqld --user=mysql
    dotnet run
    dotnet run --project src/Api -c Release
    dotnet watch
    docker run -it app
    docker run --rm -i -t -v /x:/x app:1.2
    command htop
    command -p vim x
    glances
    mc
    docker run app
    docker run --name app -p 80:80 -e A=b registry.example.com/team/app:1.2
    docker run --rm -p 8080:80 app
    sudo podman run app
    ./mvnw spring-boot:run
    mvn -pl web spring-boot:run -Dspring-boot.run.profiles=prod
    cd app && ./mvnw clean package spring-boot:run
    ./gradlew bootRun
    gradle :web:bootRun --args=x
    go run ./cmd/server
    go run cmd/api-server/main.go
    go run server.go -port 80
    serve -s build
    npx serve -s dist -l 3000
    npm start
    npm run dev
    kubectl port-forward svc/x 80:80
    journalctl -f
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
    java -jar app.jar --migrate
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
    kubectl get pods -w=false
    terraform apply -auto-approve
    terraform apply saved.plan
    terraform apply -auto-approve -var x=y
    echo yes | terraform apply
    terraform plan
    iostat
    iostat -x 1 5
    vmstat 1 3
    pidstat -p 4711
    prometheus --version
    nc -z host 80
    timeout 5 nc -l 80
    kubectl top pods
    EDITOR=./set.sh crontab -e
    docker compose -f x.yml logs --tail 5 web
    pulumi up --yes
    yes | head -3
    yes | ./setup.sh
    yes | (cd x && ./setup.sh)
    nohup ./server &
    nohup ./server > log 2>&1 & echo $! > pid
    ssh h 'nohup ./server > log 2>&1 &'
    timeout 60 nohup ./server
    timeout 0.5 tail -f x
    timeout "$seconds" tail -f x
    find . -name '*.log' -exec gzip {} \;
    find . -name vim
    xargs -I{} cp {} /x
    ls | xargs -n 1 tail -n 5
    bash x.sh
    bash -c ./x.sh
    bash < x.sh
    curl -fsS h | bash
    curl -fsS h | sudo -E bash -
    bash <(curl -fsS h)
    ssh h bash -s < x.sh
    cat x.sh | ssh h bash
    kubectl exec -it pod -- ./migrate.sh
    kubectl exec -i pod -- bash < x.sh
    docker exec -i db psql -v ON_ERROR_STOP=1 < x.sql
    docker run --rm -it image ./migrate.sh
    docker run --rm -w /app -e A=b image npm test
    docker run -d image npm start
    docker run --rm image bash -c './migrate.sh'
    psql -l
    psql -Atc 'select 1' app
    psql app -c 'select 1'
    psql -v ON_ERROR_STOP=1 < x.sql
    cat x.sql | psql -v ON_ERROR_STOP=1
    mysql -e 'select 1' app
    mysql -Nse 'select 1' app
    mysql app --execute='select 1'
    mysql app < x.sql
    mysql --version
    sqlite3 app.db 'select 1'
    redis-cli ping
    redis-cli -h cache info
    redis-cli --scan --pattern x
    mongosh --eval 'db.x.count()'
    mongosh mongodb://db/app x.js
    python3 x.py
    python3 -c 'print(1)'
    python3 -V
    python3 -m json.tool < x
    node -e 'x()'
    node --check x.js
    su app -c ./x.sh
    sudo -l
    sudo -v
    python -m pytest
    python -m gunicorn -D app:app
    supervisord
    vite build
    npx jest
    npx jest --watch=false
    jest -w 2
    tsc
    postgres -C data_directory
    mysqld --initialize
    dotnet run --project src/Migrator
    dotnet run -- migrate
    dotnet test
    docker run --rm app
    docker run app ./migrate.sh
    docker run -p 80:80 app ./migrate.sh
    docker run -d app
    docker run -dp 80:80 app
    docker run --detach=true app
    docker run app-migrations
    docker run --entrypoint ./migrate.sh app
    docker run hello-world
    docker run app &
    timeout 60 docker run app
    docker run -it --rm app-migrations
    ./mvnw verify
    mvn -B package
    ./mvnw spring-boot:build-image
    ./mvnw spring-boot:run &
    ./gradlew build
    go run main.go
    go run .
    go run ./cmd/migrate
    go run ./cmd/server-check
    go build ./cmd/server
    ./serve -s build
    serve --version
    command -v vim
    command ls
    glances --stdout cpu --stop-after 1
    mc ls store/bucket
"#;

/// Commands, and the words of each that the remark begins with.
const WORDS: &[(&str, &str)] = &[
    ("tail -n 5 -f x", "tail -f"),
    ("tail -n 5 --follow=name x", "tail --follow=name"),
    ("journalctl -n 5 -fu web", "journalctl -fu"),
    ("watch -n1 ls", "watch"),
    ("vim x", "vim"),
    ("python3 -m http.server 80", "python3 -m http.server"),
    ("python3 manage.py runserver", "python3 manage.py runserver"),
    ("./manage.py runserver 0:8000", "./manage.py runserver"),
    ("php artisan serve", "php artisan serve"),
    ("php -S 0:80", "php -S"),
    ("kubectl logs -f x", "kubectl logs -f"),
    ("kubectl -n web logs deploy/x -f", "kubectl logs -f"),
    ("kubectl -n web get pods -w", "kubectl get -w"),
    ("kubectl -n web port-forward svc/x 80:80", "kubectl port-forward"),
    ("docker compose up", "docker compose up"),
    ("docker compose -f x.yml up --build", "docker compose up"),
    ("docker-compose logs -f web", "docker-compose logs -f"),
    ("docker run --rm -p 80:80 nginx:1.27", "docker run nginx:1.27"),
    ("npm run dev", "npm run dev"),
    ("docker run -p 80:80 -e A=b app:2", "docker run app:2"),
    ("./mvnw -pl web spring-boot:run -Dx=y", "./mvnw spring-boot:run"),
    ("go run -race ./cmd/server -port 80", "go run ./cmd/server"),
    ("npx serve -s build", "serve"),
    ("npm --prefix x start", "npm start"),
    ("java -Xmx1g -jar app.jar", "java -jar app.jar"),
    ("git rebase -i main", "git rebase -i"),
    ("apt-get -q install x", "apt-get install"),
    ("terraform -chdir=x apply", "terraform apply"),
    ("iostat -x 1", "iostat 1"),
    ("nginx -g 'daemon off;'", "nginx -g"),
    ("ssh -i key user@prod", "ssh user@prod"),
    ("while true; do date; sleep 1; done", "while true"),
    ("while :; do date; sleep 1; done", "while :"),
];

#[test]
fn the_words_that_matter_are_named() {
    for (text, words) in WORDS {
        let said = said(text);
        assert!(said.len() == 1 && said[0].1.starts_with(&format!("`{words}`: ")), "{text}: {said:?}");
    }
}

/// Whether a remark is that nothing ends the command, not that it hides its failure.
fn holds_up(why: &str) -> bool {
    !why.contains("ends well")
}

#[test]
fn commands_that_hold_a_step_up() {
    let once = |text: &&str| matches!(said(text).as_slice(), [(_, why)] if holds_up(why));
    let wrong: Vec<_> = each(HOLDS_UP).filter(|text| !once(text)).map(|text| (text, said(text))).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn commands_that_end() {
    let wrong: Vec<_> = each(ENDS).map(|text| (text, said(text))).filter(|(_, said)| !said.is_empty()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
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
fn secrets_in_the_words_of_a_command() {
    for (text, part) in [
        ("mysql -phunter22 -e x db", "-phunter22"),
        ("curl -fu admin:hunter22 h", "admin:hunter22"),
        ("./x --password hunter22", "hunter22"),
        ("sudo sshpass -p 'hunter22' ssh h ls", "'hunter22'"),
        ("docker login -u me -p hunter2", "hunter2"),
        ("docker login -phunter2", "-phunter2"),
        ("kubectl create secret generic x --from-literal=pw=hunter2", "--from-literal=pw=hunter2"),
        ("kubectl create secret generic x --from-literal pw=hunter2", "pw=hunter2"),
        ("aws configure set aws_secret_access_key wJalrXUtnFEMI7MDENG", "wJalrXUtnFEMI7MDENG"),
        ("aws configure set profile.x.aws_session_token wJalrXUtnFEMI7MDENG", "wJalrXUtnFEMI7MDENG"),
    ] {
        assert_eq!(said(text).first().map(|(p, _)| p.as_str()), Some(part), "{text}");
    }
    for text in each(
        r#"mysql -p"$pw" -e x db
        curl -fu "admin:$pw" h
        ./x --password "$pw"
        ./x --password-file /etc/x
        docker login --password-stdin
        aws configure set aws_secret_access_key "$key"
        aws configure set region eu-central-1
        docker login -p "$pw"
        docker run -p 80:80 -d x
        kubectl create configmap x --from-literal=mode=fast
        kubectl create secret generic x --from-literal=pw="$pw"
        kubectl create secret generic x --from-file=token=/etc/x"#,
    ) {
        assert_eq!(said(text), [], "{text}");
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
fn a_read_asks_where_nothing_could_feed_it() {
    for (text, asks) in [
        ("echo x; read answer", Some("read answer")),
        ("read -r answer; ./x \"$answer\"", Some("read -r answer")),
        ("./x || true; read answer", Some("read answer")),
        ("echo x > log 2>&1; read answer", Some("read answer")),
        ("printf x | read -p ok? answer; read -p ok? answer", Some("read -p ok? answer")),
        ("./list | while read -r line; do ./x \"$line\"; done", None),
        ("./list | { read -r head; read -r line; }", None),
        ("while read -r line; do ./x; done < list", None),
        ("read -r line < <(./list)", None),
        ("read -r line <<< \"$list\"", None),
        ("./x | sort; read answer", None),
        ("./read answer", None),
        ("echo read answer", None),
    ] {
        assert_eq!(question(text), asks, "{text}");
    }
}

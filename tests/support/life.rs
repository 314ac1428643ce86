//! The steps of a verification, another process beside the first, and what the database holds: for tests that try
//! to break the service and look for the damage behind its back.

use countersign::app::App;
use countersign::domain::challenge::Challenge;
use countersign::domain::id::{ChallengeId, TenantId};
use countersign::domain::timestamp::Timestamp;
use countersign::store;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbErr, Statement};
use serde_json::{Value, json};

use super::code::code_in;
use super::database::{Backend, Database};
use super::service::{Reply, Service, api_key, ruiz};

/// The example client.
pub const CLIENT: &str = "lead-10482";

/// Another process on the same database, serving requests of its own.
pub struct Twin {
    pub app: App,
    pub base: String,
}

impl Service {
    /// Starts another process whose clock shows `at`.
    pub async fn twin(&self, at: Timestamp) -> Twin {
        let app = self.second(at).await;
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let serving = app.serve_requests(listener).unwrap();
        Twin { base: format!("http://{}", serving.address), app }
    }

    /// As the host `cornerstone`, to the process at `base`.
    pub async fn post_at(&self, base: &str, path: &str, body: &Value) -> Reply {
        let request = self.request("POST", path).bearer_auth(api_key("cornerstone"));
        let request = request.header("content-type", "application/json").body(body.to_string());
        let (client, request) = request.build_split();
        let mut request = request.unwrap();
        *request.url_mut() = format!("{base}{path}").parse().unwrap();
        self.send(reqwest::RequestBuilder::from_parts(client, request)).await
    }

    /// Tells `cornerstone`'s client with the three example contacts.
    pub async fn know(&self, client: &str) -> Reply {
        let path = format!("/api/v1/clients/{client}");
        self.call("PUT", &path, &api_key("cornerstone"), Some(&ruiz())).await
    }

    /// Asks for a code for a contact of a known client.
    pub async fn ask(&self, client: &str, contact: &str) -> Reply {
        let body = json!({"contact": contact, "surface": "lead_card"});
        self.post(&format!("/api/v1/clients/{client}/codes"), body).await
    }

    /// Asks for a code and reads it from the mailbox: the challenge's id, and the code.
    pub async fn code_for(&self, client: &str, contact: &str) -> (String, String) {
        let challenge = self.ask(client, contact).await.expect(201);
        self.drain().await;
        let message = &challenge["messages"][0]["id"];
        let mail = self.mail().into_iter().find(|mail| mail["id"] == *message).expect("a message was sent");
        (challenge["id"].as_str().unwrap().to_owned(), code_in(mail["text"].as_str().unwrap()))
    }

    /// The example client with a code out to its owner.
    pub async fn code_out(&self) -> (String, String) {
        self.know(CLIENT).await.expect(201);
        self.code_for(CLIENT, "c-1").await
    }

    pub async fn check(&self, challenge: &str, code: &str) -> Reply {
        self.post(&format!("/api/v1/challenges/{challenge}/check"), json!({"code": code})).await
    }

    /// The whole answer to a check that is answered.
    pub async fn checked(&self, challenge: &str, code: &str) -> Value {
        self.check(challenge, code).await.expect(200)
    }

    pub async fn status(&self, client: &str) -> Value {
        self.get(&format!("/api/v1/clients/{client}/status")).await.expect(200)
    }

    /// A challenge of `cornerstone` as it is stored.
    pub async fn stored(&self, challenge: &str) -> Challenge {
        let tenant = TenantId::parse("cornerstone").unwrap();
        let id = ChallengeId::parse(challenge).unwrap();
        self.app.desk().store.of(&tenant).challenge(&id).await.unwrap().unwrap()
    }

    /// How many audit entries there are of an action with an outcome.
    pub async fn entries(&self, action: &str, outcome: &str) -> i64 {
        let query = format!("select count(*) from audit where action = '{action}' and outcome = '{outcome}'");
        self.database.count(&query).await
    }

    /// What the newest push of a type says.
    pub fn push_data(&self, kind: &str) -> Value {
        let push = self.host.pushes().into_iter().rfind(|push| push.kind() == kind);
        push.expect("a push of this type").json()["data"].clone()
    }

    /// How many pushes of a type have come.
    pub fn pushed(&self, kind: &str) -> usize {
        // The same server may stand in for a gateway, whose requests are no pushes.
        let pushes = self.host.pushes().into_iter().filter(|push| push.headers.contains_key("webhook-id"));
        pushes.filter(|push| push.kind() == kind).count()
    }
}

impl Database {
    pub async fn connect(&self) -> DatabaseConnection {
        store::open(&self.url.as_str().into()).await.unwrap()
    }

    /// Runs a statement behind the service's back that may be refused.
    pub async fn attempt(&self, statement: &str) -> Result<(), DbErr> {
        let db = self.connect().await;
        let done = db.execute_unprepared(statement).await;
        db.close().await.unwrap();
        done.map(|_| ())
    }

    /// The first column of every row, as text.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        let db = self.connect().await;
        let texts = Self::texts_of(&db, query).await;
        db.close().await.unwrap();
        texts
    }

    async fn texts_of(db: &DatabaseConnection, query: &str) -> Vec<String> {
        let statement = Statement::from_string(db.get_database_backend(), query.to_owned());
        let rows = db.query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    /// Every row of every table as a line of text, bytes in hexadecimal.
    pub async fn dump(&self) -> Vec<String> {
        let tables = match self.backend {
            Backend::Sqlite => "select name from sqlite_master where type = 'table' order by 1",
            Backend::Postgres => {
                "select tablename::text from pg_tables where schemaname = 'public' order by 1"
            }
        };
        let db = self.connect().await;
        let mut lines = Vec::new();
        for table in Self::texts_of(&db, tables).await {
            let query = match self.backend {
                Backend::Sqlite => {
                    let columns = format!("select name from pragma_table_info('{table}') order by cid");
                    let quoted: Vec<_> =
                        Self::texts_of(&db, &columns).await.iter().map(|c| format!("quote({c})")).collect();
                    format!("select {} from {table} order by 1", quoted.join(" || '|' || "))
                }
                Backend::Postgres => format!("select row_to_json(t)::text from {table} t order by 1"),
            };
            lines.extend(Self::texts_of(&db, &query).await.into_iter().map(|row| format!("{table}: {row}")));
        }
        db.close().await.unwrap();
        lines
    }

    /// From now on no audit entry can be written.
    pub async fn refuse_audit(&self) {
        self.execute(match self.backend {
            Backend::Sqlite => {
                "create trigger refuse before insert on audit begin select raise(abort, 'refused'); end"
            }
            Backend::Postgres => "alter table audit add constraint refuse check (false) not valid",
        })
        .await;
    }

    /// Audit entries can be written again.
    pub async fn allow_audit(&self) {
        self.execute(match self.backend {
            Backend::Sqlite => "drop trigger refuse",
            Backend::Postgres => "alter table audit drop constraint refuse",
        })
        .await;
    }
}

//! Who is who: tenants, their secrets and API keys, as read from the database.
//!
//! Every request asks it, so it is held in memory and read anew when the database's revision has grown; all
//! processes look at least twice a second. Nothing here lasts: the database is what counts.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use sha2::{Digest as _, Sha256};

use crate::domain::guess::Guesses;
use crate::domain::id::{ApiKeyId, SecretId, TenantId};
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::domain::wording::{Version, Wording, Wordings};
use crate::host::signature::WebhookSecret;
use crate::store::{Keychain, Marks, SecretPurpose, SecretRow, Store, StoreError};

/// A secret while it is valid.
#[derive(Clone)]
pub struct LiveSecret {
    pub id: SecretId,
    pub secret: WebhookSecret,
    expires_at: Option<Timestamp>,
}

impl LiveSecret {
    fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|at| now < at)
    }
}

/// A tenant with its secrets.
pub struct Member {
    pub tenant: Arc<Tenant>,
    webhook: Vec<LiveSecret>,
    push: Vec<LiveSecret>,
    /// Those not revoked.
    api_keys: Vec<ApiKeyId>,
}

impl Member {
    /// The secrets that the host may have signed with.
    pub fn webhook_secrets(&self, now: Timestamp) -> impl Iterator<Item = &LiveSecret> {
        self.webhook.iter().filter(move |s| s.is_live(now))
    }

    /// The secrets that we sign with.
    pub fn push_secrets(&self, now: Timestamp) -> Vec<WebhookSecret> {
        self.push.iter().filter(|s| s.is_live(now)).map(|s| s.secret.clone()).collect()
    }
}

/// What was read, all of one moment.
#[derive(Default)]
pub struct Snapshot {
    members: HashMap<TenantId, Arc<Member>>,
    /// By the SHA-256 of the key.
    api_keys: HashMap<String, (TenantId, ApiKeyId)>,
    pub revision: i64,
    pub epoch: i64,
    /// When the epoch was last raised, by the wall clock.
    pub bumped_at: Timestamp,
    /// Of the tenants that had any.
    guesses: HashMap<TenantId, Vec<Guesses>>,
}

impl Snapshot {
    /// A tenant's wrong codes of the last day, when somebody's were last too many.
    pub fn guesses(&self, tenant: &TenantId) -> &[Guesses] {
        self.guesses.get(tenant).map_or(&[], Vec::as_slice)
    }

    /// The tenant of that id.
    pub fn member(&self, id: &TenantId) -> Option<&Arc<Member>> {
        self.members.get(id)
    }

    /// The tenant of that id, if it is a company: the console's own has no keys and no settings to change.
    pub fn company(&self, id: &TenantId) -> Option<&Arc<Member>> {
        self.member(id).filter(|_| !id.is_console())
    }

    /// Every tenant.
    pub fn members(&self) -> impl Iterator<Item = &Arc<Member>> {
        self.members.values()
    }

    /// Who holds this API key.
    pub fn by_api_key(&self, key: &str) -> Option<(&Arc<Member>, &ApiKeyId)> {
        let (tenant, id) = self.api_keys.get(&hash_api_key(key))?;
        Some((self.members.get(tenant)?, id))
    }

    /// Whether what a token was made for is still valid.
    pub fn is_live(&self, tenant: &TenantId, via: &str, now: Timestamp) -> bool {
        self.members.get(tenant).is_some_and(|member| {
            let key = member.api_keys.iter().any(|id| id.as_str() == via);
            key || member.webhook_secrets(now).any(|s| s.id.as_str() == via)
        })
    }
}

/// What an API key is stored and found as.
pub fn hash_api_key(key: &str) -> String {
    hex::encode(Sha256::digest(key.as_bytes()))
}

/// The newest snapshot.
#[derive(Clone)]
pub struct Directory {
    newest: Arc<RwLock<Arc<Snapshot>>>,
    /// A member of every snapshot.
    console: Arc<Member>,
}

impl Directory {
    /// One that knows of nobody yet.
    pub fn new(console: Tenant) -> Self {
        let console = Member { tenant: Arc::new(console), webhook: vec![], push: vec![], api_keys: vec![] };
        Self { newest: Arc::default(), console: Arc::new(console) }
    }

    /// The console's own tenant.
    pub fn console(&self) -> &Arc<Tenant> {
        &self.console.tenant
    }

    /// The snapshot as it is now; hold it for one request.
    pub fn get(&self) -> Arc<Snapshot> {
        Arc::clone(&self.newest.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the database anew if its marks say that it changed.
    ///
    /// # Errors
    /// [`StoreError`]; then the old snapshot stays.
    pub async fn refresh(&self, store: &Store, marks: Marks) -> Result<(), StoreError> {
        let held = self.get();
        if held.revision == marks.revision && held.epoch == marks.epoch && marks.revision != 0 {
            return Ok(());
        }
        let (wordings, unreadable) = store.newest_wordings().await?;
        for error in &unreadable {
            tracing::error!(%error, "a wording is left out, and the built-in text stands");
        }
        let mut fresh = read(store.keychain().await?, &wordings);
        fresh.members.insert(self.console.tenant.id.clone(), Arc::clone(&self.console));
        fresh.revision = marks.revision;
        fresh.epoch = marks.epoch;
        fresh.bumped_at = marks.bumped_at;
        for (tenant, guesses) in store.guesses(marks.newest).await? {
            fresh.guesses.entry(tenant).or_default().push(guesses);
        }
        *self.newest.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        Ok(())
    }
}

/// A tenant whose settings this version cannot read is left out and told of, so that it never stops the others.
fn read(mut keychain: Keychain, wordings: &[(TenantId, Version)]) -> Snapshot {
    let mut snapshot = Snapshot::default();
    for error in &keychain.unreadable {
        tracing::error!(%error, "a tenant's row is left out");
    }
    // Nobody holds a key of the console's own tenant, whoever had its name before.
    keychain.tenants.retain(|row| !row.id.is_console());
    keychain.secrets.retain(|row| !row.tenant.is_console());
    keychain.api_keys.retain(|key| key.revoked_at.is_none() && !key.tenant.is_console());
    for row in keychain.tenants {
        match Tenant::from_documents(row.id.clone(), &row.settings, &row.providers) {
            Ok(mut tenant) => {
                tenant.policy.login.trusts_since = row.trusts_since;
                let own = wordings.iter().filter(|(of, _)| *of == row.id);
                tenant.wordings = worded(own.map(|(_, version)| version));
                let of = |purpose| live(&keychain.secrets, &row.id, purpose);
                let (webhook, push) = (of(SecretPurpose::Webhook), of(SecretPurpose::Push));
                let own = keychain.api_keys.iter().filter(|key| key.tenant == row.id);
                let api_keys = own.map(|key| key.id.clone()).collect();
                snapshot
                    .members
                    .insert(row.id, Arc::new(Member { tenant: Arc::new(tenant), webhook, push, api_keys }));
            }
            Err(faults) => {
                let keys: Vec<_> = faults.iter().map(|f| f.key.as_str()).collect();
                tracing::error!(tenant = %row.id, ?keys, "the settings of a tenant cannot be read");
            }
        }
    }
    snapshot.api_keys = keychain.api_keys.into_iter().map(|key| (key.hash, (key.tenant, key.id))).collect();
    snapshot
}

/// The wordings of a tenant, read this once and not for every message.
fn worded<'v>(newest: impl Iterator<Item = &'v Version>) -> Wordings {
    let mut wordings = Wordings::default();
    for version in newest.filter(|version| !version.draft.is_built_in()) {
        match Wording::read(version.number, &version.draft) {
            Ok(wording) => wordings.put(version.spot, wording),
            Err(fault) => tracing::error!(message = %version.spot, ?fault, "a wording cannot be read"),
        }
    }
    wordings
}

fn live(secrets: &[SecretRow], tenant: &TenantId, purpose: SecretPurpose) -> Vec<LiveSecret> {
    let own = secrets.iter().filter(|s| s.tenant == *tenant && s.purpose == purpose);
    own.filter_map(|row| {
        let secret = WebhookSecret::parse(&row.secret).ok()?;
        Some(LiveSecret { id: row.id.clone(), secret, expires_at: row.expires_at })
    })
    .collect()
}

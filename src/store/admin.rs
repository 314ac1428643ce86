//! The accounts of the console and their sessions. All of them are the console's own tenant's.

use entity::{admin, admin_session};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _,
};

use crate::domain::admin::{Admin, Role, Session, SessionToken, Stage};
use crate::domain::contact::Email;
use crate::domain::id::{AdminId, AdminSessionId, LoginId, TenantId};
use crate::domain::key::KeyId;
use crate::domain::seal;
use crate::domain::timestamp::Timestamp;

use super::Scope;
use super::error::StoreError;
use super::row::Row;

/// An account with what its password is compared with.
pub struct AdminRow {
    pub admin: Admin,
    /// A PHC string, and the master key whose subkey it was made with.
    pub password: String,
    pub key: KeyId,
}

impl<C: ConnectionTrait> Scope<'_, C> {
    fn admin_of<'a>(&'a self, table: &'static str, id: &'a str) -> Row<'a> {
        Row { vault: self.vault, tenant: self.tenant, table, id }
    }

    /// Keeps an account. One whose email has another is refused as a conflict.
    pub async fn insert_admin(&self, row: &AdminRow, email: &Email) -> Result<(), StoreError> {
        let tenants = row.admin.tenants.as_ref().map(serde_json::to_value).transpose();
        let tenants = tenants.map_err(|e| self.admin_of("admin", row.admin.id.as_str()).bad("tenants", e))?;
        let model = admin::ActiveModel {
            tenant_id: Set(self.tenant.as_str().to_owned()),
            id: Set(row.admin.id.as_str().to_owned()),
            email: Set(seal::index(self.vault.ring.current(), self.tenant, &email.normal())),
            role: Set(row.admin.role.as_str().to_owned()),
            tenants: Set(tenants),
            password: Set(row.password.clone()),
            key_id: Set(row.key.to_string()),
            created_at: Set(row.admin.created_at.millis()),
        };
        admin::Entity::insert(model).exec_without_returning(self.conn).await?;
        Ok(())
    }

    /// Gives an account another password, found from now on under the current master key; only in the place of `old`,
    /// where that is given. Says whether it did.
    pub async fn change_password(
        &self,
        id: &AdminId,
        email: &Email,
        (password, key): (&str, KeyId),
        old: Option<&str>,
    ) -> Result<bool, StoreError> {
        let email = seal::index(self.vault.ring.current(), self.tenant, &email.normal());
        let changed = admin::Entity::update_many()
            .col_expr(admin::Column::Email, Expr::value(email))
            .col_expr(admin::Column::Password, Expr::value(password))
            .col_expr(admin::Column::KeyId, Expr::value(key.to_string()))
            .filter(admin::Column::TenantId.eq(self.tenant.as_str()))
            .filter(admin::Column::Id.eq(id.as_str()))
            .filter(Condition::all().add_option(old.map(|old| admin::Column::Password.eq(old))))
            .exec(self.conn)
            .await?;
        Ok(changed.rows_affected == 1)
    }

    /// The account of an email.
    pub async fn admin_by_email(&self, email: &Email) -> Result<Option<AdminRow>, StoreError> {
        let normal = email.normal();
        let indexes = self.vault.ring.all().map(|keys| seal::index(keys, self.tenant, &normal));
        let found = admin::Entity::find()
            .filter(admin::Column::TenantId.eq(self.tenant.as_str()))
            .filter(admin::Column::Email.is_in(indexes))
            .one(self.conn)
            .await?;
        found.map(|model| self.parse_admin(model)).transpose()
    }

    /// An account by its id.
    pub async fn admin(&self, id: &AdminId) -> Result<Option<Admin>, StoreError> {
        let key = (self.tenant.as_str().to_owned(), id.as_str().to_owned());
        let found = admin::Entity::find_by_id(key).one(self.conn).await?;
        Ok(found.map(|model| self.parse_admin(model)).transpose()?.map(|row| row.admin))
    }

    /// Every account, oldest first.
    pub async fn admins(&self) -> Result<Vec<AdminRow>, StoreError> {
        let own = admin::Entity::find().filter(admin::Column::TenantId.eq(self.tenant.as_str()));
        let found = own.order_by_asc(admin::Column::Id).all(self.conn).await?;
        found.into_iter().map(|model| self.parse_admin(model)).collect()
    }

    /// Forgets an account and its sessions.
    pub async fn forget_admin(&self, id: &AdminId) -> Result<(), StoreError> {
        let key = (self.tenant.as_str().to_owned(), id.as_str().to_owned());
        let gone = admin::Entity::delete_by_id(key).exec(self.conn).await?;
        if gone.rows_affected == 1 { Ok(()) } else { Err(StoreError::Guard("admin")) }
    }

    fn parse_admin(&self, model: admin::Model) -> Result<AdminRow, StoreError> {
        let row = self.admin_of("admin", &model.id);
        let tenants: Option<Vec<TenantId>> = model
            .tenants
            .map(serde_json::from_value)
            .transpose()
            .map_err(|_| row.bad("tenants", "no list of tenants"))?;
        Ok(AdminRow {
            admin: Admin {
                id: row.id("id", AdminId::parse(&model.id))?,
                role: row.word("role", &model.role, |word| word.parse::<Role>().ok())?,
                tenants,
                created_at: Timestamp::from_millis(model.created_at),
            },
            key: row.word("key_id", &model.key_id, KeyId::parse)?,
            password: model.password,
        })
    }

    /// Begins a session.
    pub async fn insert_admin_session(
        &self,
        session: &Session,
        token: &SessionToken,
    ) -> Result<(), StoreError> {
        let login = match &session.stage {
            Stage::Half(login) => Some(login.as_str().to_owned()),
            Stage::Whole => None,
        };
        let model = admin_session::ActiveModel {
            tenant_id: Set(self.tenant.as_str().to_owned()),
            id: Set(session.id.as_str().to_owned()),
            admin_id: Set(session.admin.as_str().to_owned()),
            token_hash: Set(token.hash()),
            login_id: Set(login),
            address: Set(session.address.clone()),
            device: Set(session.device.clone()),
            created_at: Set(session.created_at.millis()),
            seen_at: Set(session.seen_at.millis()),
            epoch: Set(session.epoch),
        };
        admin_session::Entity::insert(model).exec_without_returning(self.conn).await?;
        Ok(())
    }

    /// The session of a token, live or not.
    pub async fn admin_session(&self, token: &SessionToken) -> Result<Option<Session>, StoreError> {
        let found = admin_session::Entity::find()
            .filter(admin_session::Column::TenantId.eq(self.tenant.as_str()))
            .filter(admin_session::Column::TokenHash.eq(token.hash()))
            .one(self.conn)
            .await?;
        found.map(|model| self.parse_admin_session(model)).transpose()
    }

    /// The sessions of an account, newest first.
    pub async fn admin_sessions(&self, admin: &AdminId) -> Result<Vec<Session>, StoreError> {
        let found = admin_session::Entity::find()
            .filter(admin_session::Column::TenantId.eq(self.tenant.as_str()))
            .filter(admin_session::Column::AdminId.eq(admin.as_str()))
            .order_by_desc(admin_session::Column::Id)
            .all(self.conn)
            .await?;
        found.into_iter().map(|model| self.parse_admin_session(model)).collect()
    }

    /// Notes that a page was asked for.
    pub async fn see_admin_session(&self, id: &AdminSessionId, now: Timestamp) -> Result<(), StoreError> {
        admin_session::Entity::update_many()
            .col_expr(admin_session::Column::SeenAt, Expr::value(now.millis()))
            .filter(admin_session::Column::TenantId.eq(self.tenant.as_str()))
            .filter(admin_session::Column::Id.eq(id.as_str()))
            .exec(self.conn)
            .await?;
        Ok(())
    }

    /// Ends one session of an account, or all but one. Gives how many ended.
    pub async fn end_admin_sessions(&self, admin: &AdminId, which: Ending<'_>) -> Result<u64, StoreError> {
        let own = admin_session::Entity::delete_many()
            .filter(admin_session::Column::TenantId.eq(self.tenant.as_str()))
            .filter(admin_session::Column::AdminId.eq(admin.as_str()));
        let ended = match which {
            Ending::One(id) => own.filter(admin_session::Column::Id.eq(id.as_str())),
            Ending::AllBut(id) => own.filter(admin_session::Column::Id.ne(id.as_str())),
            Ending::All => own,
            Ending::Before(at) => own.filter(admin_session::Column::CreatedAt.lt(at.millis())),
        };
        Ok(ended.exec(self.conn).await?.rows_affected)
    }

    fn parse_admin_session(&self, model: admin_session::Model) -> Result<Session, StoreError> {
        let row = self.admin_of("admin_session", &model.id);
        let stage = match &model.login_id {
            Some(login) => Stage::Half(row.id("login_id", LoginId::parse(login))?),
            None => Stage::Whole,
        };
        Ok(Session {
            id: row.id("id", AdminSessionId::parse(&model.id))?,
            admin: row.id("admin_id", AdminId::parse(&model.admin_id))?,
            stage,
            created_at: Timestamp::from_millis(model.created_at),
            seen_at: Timestamp::from_millis(model.seen_at),
            address: model.address,
            device: model.device,
            epoch: model.epoch,
        })
    }
}

/// Which sessions of an account end.
pub enum Ending<'a> {
    One(&'a AdminSessionId),
    AllBut(&'a AdminSessionId),
    All,
    /// Those begun before that moment.
    Before(Timestamp),
}

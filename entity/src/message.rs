//! One email, text or call on its way; its own place in the outbox.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub challenge_id: String,
    pub client_id: String,
    pub contact_id: String,
    pub purpose: String,
    pub channel: String,
    pub destination: String,
    pub masked: Vec<u8>,
    pub state: String,
    pub detail: Option<String>,
    pub attempts: i32,
    pub created_at: i64,
    pub changed_at: i64,
    pub run_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! One code asked of one subject. The code itself is nowhere.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "challenge")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub workflow: String,
    pub subject: String,
    pub kind: String,
    pub state: String,
    pub contact_id: String,
    pub people: Vec<u8>,
    pub surface: Option<String>,
    pub locale: Option<String>,
    pub channels: String,
    pub digits: i32,
    pub tries_allowed: i32,
    pub tries: i32,
    pub created_at: i64,
    pub expires_at: i64,
    pub resend_at: i64,
    pub closed_at: Option<i64>,
    pub epoch: i64,
    pub key_id: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

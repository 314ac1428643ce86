//! A client's security PIN, hashed, with the wrong tries in a row.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "pin")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: String,
    pub hash: String,
    pub key_id: String,
    pub tries: i32,
    pub wrong: i32,
    pub tried_at: Option<i64>,
    pub locked_at: Option<i64>,
    pub set_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! A client with its contacts and standing; the row that a transaction locks.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "client")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: Vec<u8>,
    pub contacts: Vec<u8>,
    pub standing: Vec<u8>,
    pub created_at: i64,
    pub listed_at: i64,
    pub version: i64,
    pub removed: bool,
    pub run_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

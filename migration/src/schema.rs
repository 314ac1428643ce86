//! Short forms for tables: every one leads with its tenant, times are milliseconds since 1970.

use sea_orm_migration::prelude::{Alias, ColumnDef, Expr, ForeignKey, ForeignKeyAction, Index, Table};
use sea_orm_migration::sea_query::{
    ConditionalStatement as _, ExprTrait as _, ForeignKeyCreateStatement, IndexCreateStatement,
    TableCreateStatement,
};

/// What a column holds.
#[derive(Clone, Copy)]
pub enum Kind {
    Text,
    Json,
    Bytes,
    Int,
    Big,
    Bool,
}

/// A column that is always filled.
pub fn some(name: &str, kind: Kind) -> ColumnDef {
    let mut column = ColumnDef::new(Alias::new(name));
    match kind {
        Kind::Text => column.text(),
        Kind::Json => column.json(),
        Kind::Bytes => column.blob(),
        Kind::Int => column.integer(),
        Kind::Big => column.big_integer(),
        Kind::Bool => column.boolean(),
    };
    column.not_null();
    column
}

/// A column that may be empty.
pub fn maybe(name: &str, kind: Kind) -> ColumnDef {
    let mut column = some(name, kind);
    column.null();
    column
}

/// A table with a primary key over `key`.
pub fn table(name: &str, key: &[&str], columns: Vec<ColumnDef>) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(Alias::new(name));
    for column in columns {
        table.col(column);
    }
    let mut primary = Index::create();
    for column in key {
        primary.col(Alias::new(*column));
    }
    table.primary_key(&mut primary);
    table
}

/// Only these words may stand in the column.
pub fn one_of(column: &str, words: &[&str]) -> sea_orm_migration::sea_query::Expr {
    let words: Vec<_> = words.iter().map(|w| Expr::cust(format!("'{w}'"))).collect();
    Expr::col(Alias::new(column)).is_in(words)
}

/// An index over columns.
pub fn index(name: &str, table: &str, columns: &[&str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(name).table(Alias::new(table));
    for column in columns {
        index.col(Alias::new(*column));
    }
    index
}

/// An index over the rows of a queue that still have something to do.
pub fn due(table: &str) -> IndexCreateStatement {
    let mut index = index(&format!("ix_{table}_run_at"), table, &["run_at"]);
    index.and_where(Expr::col(Alias::new("run_at")).is_not_null());
    index
}

/// A reference within the tenant.
pub fn reference(name: &str, from: (&str, &str), to: &str) -> ForeignKeyCreateStatement {
    let mut key = ForeignKey::create();
    key.name(name)
        .from(Alias::new(from.0), (Alias::new("tenant_id"), Alias::new(from.1)))
        .to(Alias::new(to), (Alias::new("tenant_id"), Alias::new("id")))
        .on_delete(ForeignKeyAction::Cascade);
    key
}

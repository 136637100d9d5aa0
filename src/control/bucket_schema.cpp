#include "control/bucket_schema.h"

namespace tollgate::control {
namespace {

constexpr Statement kCatalogAndSubscriptions[] = {
    R"(CREATE TABLE meters (
        id TEXT PRIMARY KEY, slug TEXT NOT NULL UNIQUE, event_type TEXT NOT NULL, name TEXT NOT NULL, description TEXT,
        definition TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL) STRICT)",
    "CREATE INDEX meters_by_event_type ON meters (event_type)",

    R"(CREATE TABLE features (
        id TEXT PRIMARY KEY, key TEXT NOT NULL, name TEXT NOT NULL, meter_slug TEXT REFERENCES meters (slug),
        metadata TEXT NOT NULL, archived_at INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL) STRICT)",
    "CREATE UNIQUE INDEX features_in_use ON features (key) WHERE archived_at IS NULL",

    R"(CREATE TABLE plans (
        id TEXT PRIMARY KEY, key TEXT NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL, name TEXT NOT NULL,
        definition TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, published_at INTEGER,
        archived_at INTEGER, UNIQUE (key, version)) STRICT)",
    "CREATE UNIQUE INDEX plans_draft ON plans (key) WHERE state = 'draft'",
    "CREATE UNIQUE INDEX plans_for_sale ON plans (key) WHERE state = 'active'",

    R"(CREATE TABLE customers (
        id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL, primary_email TEXT, currency TEXT,
        metadata TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL) STRICT)",

    R"(CREATE TABLE subscriptions (
        id TEXT PRIMARY KEY, customer_id TEXT NOT NULL REFERENCES customers (id),
        plan_id TEXT NOT NULL REFERENCES plans (id), name TEXT NOT NULL, description TEXT, metadata TEXT NOT NULL,
        active_from INTEGER NOT NULL, active_to INTEGER, billing_anchor INTEGER NOT NULL,
        billables_must_align INTEGER NOT NULL, starting_phase INTEGER NOT NULL, payment_status TEXT NOT NULL,
        is_first_payment INTEGER NOT NULL, revision INTEGER NOT NULL, created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL) STRICT)",
    "CREATE INDEX subscriptions_by_customer ON subscriptions (customer_id)",
    "CREATE INDEX subscriptions_by_plan ON subscriptions (plan_id)",

    R"(CREATE TABLE api_keys (
        id TEXT PRIMARY KEY, subscription_id TEXT NOT NULL REFERENCES subscriptions (id), digest TEXT NOT NULL UNIQUE,
        consumer TEXT NOT NULL, expires_at INTEGER, created_at INTEGER NOT NULL) STRICT)",
    "CREATE INDEX api_keys_by_subscription ON api_keys (subscription_id)",

    "CREATE TABLE configuration (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",

    R"(CREATE TABLE service_keys (
        id TEXT PRIMARY KEY, digest TEXT NOT NULL UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL,
        created_at INTEGER NOT NULL) STRICT)",

    R"(CREATE TABLE idempotency (
        key_digest TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
        created_at INTEGER NOT NULL) STRICT)",
    "CREATE INDEX idempotency_by_age ON idempotency (created_at)",

    R"(CREATE TABLE outbox (
        id INTEGER PRIMARY KEY, kind TEXT NOT NULL, target TEXT NOT NULL, body TEXT NOT NULL,
        idempotency_key TEXT NOT NULL UNIQUE, generation INTEGER NOT NULL, attempts INTEGER NOT NULL,
        not_before INTEGER NOT NULL, last_error TEXT, created_at INTEGER NOT NULL) STRICT)",
    "CREATE INDEX outbox_by_time ON outbox (not_before)",

    R"(CREATE TABLE dead_letters (
        id TEXT PRIMARY KEY, event_digest TEXT NOT NULL UNIQUE, reason TEXT NOT NULL, event TEXT NOT NULL,
        times INTEGER NOT NULL, received_at INTEGER NOT NULL) STRICT)",

    "CREATE TABLE seeded (name TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT",
};

constexpr Migration kMigrations[] = {{kCatalogAndSubscriptions}};

}  // namespace

std::span<const Migration> bucket_migrations() { return kMigrations; }

}  // namespace tollgate::control

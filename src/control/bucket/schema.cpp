#include "control/bucket/schema.h"

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

/// Time, changes of plan, invitations, billing profiles. Subscriptions of before get a timer that is due at once.
constexpr Statement kTimeAndChange[] = {
    R"(CREATE TABLE test_clock (
        id INTEGER PRIMARY KEY CHECK (id = 1), now INTEGER NOT NULL, set_at INTEGER NOT NULL, frozen INTEGER NOT NULL,
        advances_to INTEGER) STRICT)",

    R"(CREATE TABLE timers (
        kind TEXT NOT NULL, subject TEXT NOT NULL, due_at INTEGER NOT NULL, failures INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (kind, subject)) STRICT, WITHOUT ROWID)",
    "CREATE INDEX timers_by_time ON timers (due_at, kind, subject)",
    "INSERT INTO timers (kind, subject, due_at) SELECT 'subscription', id, active_from FROM subscriptions",

    "ALTER TABLE subscriptions ADD COLUMN last_payment_failed_at INTEGER",
    "ALTER TABLE subscriptions ADD COLUMN last_payment_succeeded_at INTEGER",
    "ALTER TABLE subscriptions ADD COLUMN access_blocked INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE subscriptions ADD COLUMN previous_id TEXT REFERENCES subscriptions (id)",
    "ALTER TABLE subscriptions ADD COLUMN next_id TEXT REFERENCES subscriptions (id)",

    R"(CREATE TABLE plan_invites (
        id TEXT PRIMARY KEY, email TEXT NOT NULL, plan_key TEXT NOT NULL, plan_id TEXT NOT NULL REFERENCES plans (id),
        created_at INTEGER NOT NULL, UNIQUE (email, plan_key)) STRICT)",

    R"(CREATE TABLE billing_profiles (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, is_default INTEGER NOT NULL, definition TEXT NOT NULL,
        created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL) STRICT)",
    // Lists by plan and status find their page in these, and count in them.
    "DROP INDEX subscriptions_by_plan",
    "CREATE INDEX subscriptions_by_plan ON subscriptions (plan_id, active_to, active_from)",
    "CREATE INDEX subscriptions_by_dates ON subscriptions (active_to, active_from)",
    "CREATE INDEX customers_by_email ON customers (lower(primary_email))",
    "CREATE UNIQUE INDEX billing_profiles_default ON billing_profiles (is_default) WHERE is_default = 1",
};

/// Invoices. Subscriptions of before are billed from their beginning.
constexpr Statement kBilling[] = {
    // The instant up to which everything that fell due is billed; NULL before the first billing timer has run.
    "ALTER TABLE subscriptions ADD COLUMN billed_until INTEGER",
    "INSERT INTO timers (kind, subject, due_at) SELECT 'billing', id, active_from FROM subscriptions",

    "CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",

    R"(CREATE TABLE invoices (
        id TEXT PRIMARY KEY, number TEXT UNIQUE, subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
        customer_id TEXT NOT NULL REFERENCES customers (id), status TEXT NOT NULL, currency TEXT NOT NULL,
        total TEXT NOT NULL, parties TEXT NOT NULL, failure TEXT, due_at INTEGER NOT NULL,
        finalize_at INTEGER NOT NULL, finalized_at INTEGER, paid_at INTEGER, last_failed_at INTEGER, voided_at INTEGER,
        void_reason TEXT, replaces_id TEXT UNIQUE REFERENCES invoices (id), created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL) STRICT)",
    "CREATE INDEX invoices_by_subscription ON invoices (subscription_id)",
    "CREATE INDEX invoices_by_customer ON invoices (customer_id)",
    "CREATE INDEX invoices_by_status ON invoices (status)",

    R"(CREATE TABLE invoice_lines (
        invoice_id TEXT NOT NULL REFERENCES invoices (id), position INTEGER NOT NULL, kind TEXT NOT NULL, phase INTEGER,
        card INTEGER, begins_at INTEGER, usage TEXT, amount TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (invoice_id, position)) STRICT, WITHOUT ROWID)",

    // What was billed, by what a line is known by: nothing is billed twice. `usage` is all that was billed of a period,
    // on whatever invoices.
    R"(CREATE TABLE billed_lines (
        subscription_id TEXT NOT NULL REFERENCES subscriptions (id), phase INTEGER NOT NULL, card INTEGER NOT NULL,
        begins_at INTEGER NOT NULL, ends_at INTEGER, in_advance INTEGER NOT NULL,
        invoice_id TEXT NOT NULL REFERENCES invoices (id), usage TEXT, checked_at INTEGER NOT NULL,
        PRIMARY KEY (subscription_id, phase, card, begins_at)) STRICT, WITHOUT ROWID)",
    "CREATE INDEX billed_lines_by_invoice ON billed_lines (invoice_id)",
    R"(CREATE INDEX billed_lines_to_check ON billed_lines (subscription_id, checked_at - ends_at)
        WHERE usage IS NOT NULL)",

    R"(CREATE TABLE credits (
        id TEXT PRIMARY KEY, subscription_id TEXT NOT NULL REFERENCES subscriptions (id), source TEXT NOT NULL,
        kind TEXT NOT NULL, currency TEXT NOT NULL, amount TEXT NOT NULL, remaining TEXT NOT NULL,
        used_up INTEGER NOT NULL, origin TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT)",
    "CREATE INDEX credits_by_subscription ON credits (subscription_id)",
    "CREATE INDEX credits_by_source ON credits (source)",
    R"(CREATE TABLE invoice_credits (
        invoice_id TEXT NOT NULL REFERENCES invoices (id), credit_id TEXT NOT NULL REFERENCES credits (id),
        amount TEXT NOT NULL, PRIMARY KEY (invoice_id, credit_id)) STRICT, WITHOUT ROWID)",
    // Whoever deletes a credit looks for its uses.
    "CREATE INDEX invoice_credits_by_credit ON invoice_credits (credit_id)",
};

/// Prepaid usage. `used_before` is what was used of a grant on subscriptions that it came along from, and before the
/// instant up to which its feature is settled. `in_use` says whether anything can still become of it.
constexpr Statement kGrants[] = {
    R"(CREATE TABLE grants (
        id TEXT PRIMARY KEY, subscription_id TEXT NOT NULL REFERENCES subscriptions (id), feature_key TEXT NOT NULL,
        name TEXT, plan_id TEXT REFERENCES plans (id), invoice_id TEXT REFERENCES invoices (id), amount TEXT NOT NULL,
        voided TEXT NOT NULL, used_before TEXT NOT NULL, priority INTEGER NOT NULL, effective_at INTEGER NOT NULL,
        expires_at INTEGER, in_use INTEGER NOT NULL, created_at INTEGER NOT NULL) STRICT)",
    "CREATE INDEX grants_by_subscription ON grants (subscription_id)",
    "CREATE INDEX grants_in_use ON grants (subscription_id, feature_key) WHERE in_use = 1",
    "CREATE INDEX grants_by_invoice ON grants (invoice_id)",

    R"(CREATE TABLE settled_usage (
        subscription_id TEXT NOT NULL REFERENCES subscriptions (id), feature_key TEXT NOT NULL,
        settled_until INTEGER NOT NULL, overdrawn TEXT NOT NULL, allowance TEXT NOT NULL, usage TEXT NOT NULL,
        PRIMARY KEY (subscription_id, feature_key)) STRICT, WITHOUT ROWID)",
};

/// What deleted keys leave behind (control/subscription/revisions.h).
constexpr Statement kRevisions[] = {
    R"(CREATE TABLE deleted_keys (
        digest TEXT PRIMARY KEY, revision INTEGER NOT NULL, deleted_at INTEGER NOT NULL) STRICT, WITHOUT ROWID)",
    "CREATE INDEX deleted_keys_by_age ON deleted_keys (deleted_at)",
};

constexpr Migration kMigrations[] = {{kCatalogAndSubscriptions}, {kTimeAndChange}, {kBilling}, {kGrants}, {kRevisions}};

}  // namespace

std::span<const Migration> bucket_migrations() { return kMigrations; }

}  // namespace tollgate::control

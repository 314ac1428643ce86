//! The examples that several operations share: one client, her code, and how it went. Members stand in the order in
//! which they are answered.

/// A client who is verified.
pub const VERIFIED: &str = r#"{
  "client": "lead-10482",
  "state": "verified",
  "method": "code",
  "channels": ["email", "sms"],
  "assurance": "contact",
  "contact": {"id": "c-1", "name": "Ana Ruiz"},
  "agent": {"id": "u-77", "name": "Maria Lopez"},
  "surface": "lead_card",
  "challenge": "chl_01m7wdnw5735zsyyz7vsg7b412",
  "verified_at": "2026-11-20T15:05:05Z",
  "expires_at": "2026-11-20T16:05:05Z",
  "seconds_left": 3540,
  "last_verified_at": "2026-11-20T15:05:05Z",
  "pin": "not_set",
  "requirements": [],
  "button": {
    "tone": "success",
    "label": "Verified 10:05 AM",
    "tooltip": "Verified Nov 20, 10:05 AM by Maria Lopez (code). Valid until 11:05 AM. Click for details."
  },
  "version": 3
}"#;

/// A client who was, and is no more.
pub const NOT_VERIFIED: &str = r#"{
  "client": "lead-10482",
  "state": "not_verified",
  "last_verified_at": "2026-11-20T15:05:05Z",
  "pin": "not_set",
  "requirements": [],
  "button": {
    "tone": "neutral",
    "label": "Not verified",
    "tooltip": "Last verified Nov 20, 10:05 AM by Maria Lopez. Click to verify again."
  },
  "version": 4
}"#;

/// A client whose code is out.
pub const CODE_SENT: &str = r#"{
  "client": "lead-10482",
  "state": "code_sent",
  "channels": ["email", "sms"],
  "contact": {"id": "c-1", "name": "Ana Ruiz"},
  "agent": {"id": "u-77", "name": "Maria Lopez"},
  "surface": "lead_card",
  "challenge": "chl_01m7wdnw5735zsyyz7vsg7b412",
  "expires_at": "2026-11-20T15:14:05Z",
  "seconds_left": 540,
  "pin": "not_set",
  "requirements": [],
  "button": {
    "tone": "pending",
    "label": "Code sent",
    "tooltip": "Code sent to Ana Ruiz at 10:04 AM. Click to enter it."
  },
  "version": 2
}"#;

/// A client with too many wrong codes.
pub const LOCKED: &str = r#"{
  "client": "lead-10482",
  "state": "locked",
  "challenge": "chl_01m7wdnw5735zsyyz7vsg7b412",
  "expires_at": "2026-11-20T16:05:05Z",
  "seconds_left": 3600,
  "pin": "not_set",
  "requirements": [],
  "button": {
    "tone": "danger",
    "label": "Locked",
    "tooltip": "Too many wrong codes. Try again at 11:05 AM."
  },
  "version": 7
}"#;

/// A client who reported a code.
pub const REPORTED: &str = r#"{
  "client": "lead-10482",
  "state": "reported",
  "challenge": "chl_01m7wdnw5735zsyyz7vsg7b412",
  "pin": "not_set",
  "requirements": [],
  "button": {
    "tone": "danger",
    "label": "Reported",
    "tooltip": "The client reported a code they did not ask for. Follow your fraud steps."
  },
  "version": 4
}"#;

/// Two clients in one answer.
pub const STATUSES: &str = r#"{
  "statuses": [
    {
      "client": "lead-10482",
      "state": "code_sent",
      "channels": ["email", "sms"],
      "contact": {"id": "c-1", "name": "Ana Ruiz"},
      "agent": {"id": "u-77", "name": "Maria Lopez"},
      "surface": "lead_card",
      "challenge": "chl_01m7wdnw5735zsyyz7vsg7b412",
      "expires_at": "2026-11-20T15:14:05Z",
      "seconds_left": 540,
      "pin": "not_set",
      "requirements": [],
      "button": {
        "tone": "pending",
        "label": "Code sent",
        "tooltip": "Code sent to Ana Ruiz at 10:04 AM. Click to enter it."
      },
      "version": 2
    },
    {
      "client": "lead-10483",
      "state": "not_verified",
      "pin": "not_set",
      "requirements": [],
      "button": {
        "tone": "neutral",
        "label": "Not verified",
        "tooltip": "Not verified – click to verify"
      },
      "version": 0
    }
  ]
}"#;

/// A code that is on its way.
pub const CHALLENGE: &str = r#"{
  "id": "chl_01m7wdnw5735zsyyz7vsg7b412",
  "state": "active",
  "contact": "c-1",
  "expires_at": "2026-11-20T15:14:05Z",
  "resend_at": "2026-11-20T15:04:35Z",
  "tries_left": 5,
  "messages": [
    {
      "id": "msg_01m7wdnw57m2defpvmctq2m78g",
      "channel": "email",
      "to": "a•••@ruiz-landscaping.example",
      "state": "queued",
      "at": "2026-11-20T15:04:05Z"
    },
    {
      "id": "msg_01m7wdnw57a432vtt42ffxc48f",
      "channel": "sms",
      "to": "(•••) •••-••42",
      "state": "queued",
      "at": "2026-11-20T15:04:05Z"
    }
  ]
}"#;

/// The same, given up.
pub const CANCELLED: &str = r#"{
  "id": "chl_01m7wdnw5735zsyyz7vsg7b412",
  "state": "cancelled",
  "contact": "c-1",
  "expires_at": "2026-11-20T15:14:05Z",
  "resend_at": "2026-11-20T15:04:35Z",
  "tries_left": 5,
  "messages": [
    {
      "id": "msg_01m7wdnw57m2defpvmctq2m78g",
      "channel": "email",
      "to": "a•••@ruiz-landscaping.example",
      "state": "delivered",
      "at": "2026-11-20T15:04:09Z"
    }
  ]
}"#;

/// A right code.
pub const CHECKED: &str = r#"{
  "result": "verified",
  "verification": {
    "method": "code",
    "channels": ["email", "sms"],
    "assurance": "contact",
    "contact": {"id": "c-1", "name": "Ana Ruiz"},
    "agent": {"id": "u-77", "name": "Maria Lopez"},
    "surface": "lead_card",
    "verified_at": "2026-11-20T15:05:05Z",
    "expires_at": "2026-11-20T16:05:05Z"
  }
}"#;

/// A link by which a PIN is set.
pub const PIN_LINK_SENT: &str = r#"{
  "contact": "c-1",
  "expires_at": "2026-11-21T15:04:05Z",
  "resend_at": "2026-11-20T15:04:35Z",
  "messages": [
    {
      "id": "msg_01m7wdnw57a432vtt42ffxc48f",
      "channel": "email",
      "to": "a•••@ruiz-landscaping.example",
      "state": "queued",
      "at": "2026-11-20T15:04:05Z"
    }
  ]
}"#;

/// A PIN that is right.
pub const PIN_CHECKED: &str = r#"{
  "result": "verified",
  "verification": {
    "method": "pin",
    "channels": [],
    "assurance": "pin",
    "contact": {"id": "c-1", "name": "Ana Ruiz"},
    "agent": {"id": "u-77", "name": "Maria Lopez"},
    "verified_at": "2026-11-20T15:05:05Z",
    "expires_at": "2026-11-20T16:05:05Z"
  }
}"#;

/// A client with a PIN, and a link on its way.
pub const PIN: &str = r#"{
  "state": "set",
  "set_at": "2026-11-18T09:12:44Z",
  "link": {"contact": "c-1", "expires_at": "2026-11-21T15:04:05Z"}
}"#;

/// A client whose PIN is locked.
pub const PIN_LOCKED: &str = r#"{
  "state": "locked",
  "set_at": "2026-11-18T09:12:44Z"
}"#;

/// A client as it is told.
pub const CLIENT_TOLD: &str = r#"{
  "name": "Ruiz Landscaping LLC",
  "created_at": "2026-10-02T14:00:00Z",
  "contacts": [
    {
      "id": "c-1",
      "name": "Ana Ruiz",
      "role": "owner",
      "email": "ana@ruiz-landscaping.example",
      "mobile": "+13055550142",
      "locale": "es"
    }
  ]
}"#;

/// A client as it is given.
pub const CLIENT: &str = r#"{
  "id": "lead-10482",
  "name": "Ruiz Landscaping LLC",
  "created_at": "2026-10-02T14:00:00Z",
  "contacts": [
    {
      "id": "c-1",
      "name": "Ana Ruiz",
      "role": "owner",
      "email": "ana@ruiz-landscaping.example",
      "mobile": "+13055550142",
      "locale": "es"
    }
  ]
}"#;

/// A signer on the way with a proof.
pub const SIGNING: &str = r#"{
  "id": "sgn_01m7wdnw5735zsyyz7vsg7b412",
  "state": "verified",
  "document": {"id": "doc-7", "name": "Service agreement"},
  "signer": {"id": "s-1", "name": "Ana Ruiz", "mobile": "(•••) •••-••42"},
  "created_at": "2026-11-20T15:04:05Z",
  "verified_at": "2026-11-20T15:05:05Z",
  "method": "sms",
  "messages": [
    {
      "id": "msg_01m7wdnw57a432vtt42ffxc48f",
      "channel": "sms",
      "to": "(•••) •••-••42",
      "state": "delivered",
      "at": "2026-11-20T15:04:20Z"
    }
  ]
}"#;

/// A user who has set a second step up.
pub const USER: &str = r#"{
  "id": "u-77",
  "name": "Maria Lopez",
  "role": "agent",
  "email": "m•••@host-crm.example",
  "locale": "es",
  "state": "enrolled",
  "methods": ["authenticator"],
  "enrolled_at": "2026-11-20T15:05:05Z",
  "backup_codes_left": 10,
  "required": false,
  "last_sign_in": "2026-11-20T15:05:09Z"
}"#;

/// A browser that a user trusts.
pub const DEVICE: &str = r#"{
  "id": "dev_01m7wdnw5735zsyyz7vsg7b412",
  "user": "u-77",
  "name": "Chrome, Windows",
  "trusted_at": "2026-11-20T15:05:05Z",
  "last_used_at": "2026-11-23T08:00:12Z",
  "expires_at": "2026-12-20T15:05:05Z"
}"#;

/// The browsers that a user trusts.
pub const DEVICES: &str = r#"{
  "items": [
    {
      "id": "dev_01m7wdnw5735zsyyz7vsg7b412",
      "user": "u-77",
      "name": "Chrome, Windows",
      "trusted_at": "2026-11-20T15:05:05Z",
      "last_used_at": "2026-11-23T08:00:12Z",
      "expires_at": "2026-12-20T15:05:05Z"
    }
  ]
}"#;

/// A page of users.
pub const USERS: &str = r#"{
  "items": [
    {
      "id": "u-77",
      "name": "Maria Lopez",
      "role": "agent",
      "email": "m•••@host-crm.example",
      "state": "none",
      "methods": [],
      "backup_codes_left": 0,
      "required": true
    }
  ],
  "total": 1
}"#;

/// A participant who has joined.
pub const PARTICIPANT: &str = r#"{
  "session": "ses-7",
  "id": "p-1",
  "name": "Ana Ruiz",
  "role": "primary",
  "state": "verified",
  "email": "a•••@ruiz-landscaping.example",
  "mobile": "(•••) •••-••42",
  "arrived_at": "2026-11-20T15:04:05Z",
  "verified_at": "2026-11-20T15:05:05Z",
  "method": "sms",
  "messages": [
    {
      "id": "msg_01m7wdnw57a432vtt42ffxc48f",
      "channel": "sms",
      "to": "(•••) •••-••42",
      "state": "delivered",
      "at": "2026-11-20T15:04:20Z"
    }
  ]
}"#;

/// A session with one participant, who is invited.
pub const SESSION: &str = r#"{
  "id": "ses-7",
  "state": "running",
  "invite_by": "email",
  "agent": {"id": "u-77", "name": "Maria Lopez"},
  "created_at": "2026-11-20T15:00:00Z",
  "participants": [
    {
      "session": "ses-7",
      "id": "p-1",
      "name": "Ana Ruiz",
      "role": "primary",
      "state": "invited",
      "email": "a•••@ruiz-landscaping.example",
      "mobile": "(•••) •••-••42",
      "messages": [
        {
          "id": "msg_01m7wdnw57a432vtt42ffxc48f",
          "channel": "email",
          "to": "a•••@ruiz-landscaping.example",
          "state": "queued",
          "at": "2026-11-20T15:00:00Z"
        }
      ]
    }
  ]
}"#;

use super::*;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const TIME: &str = "1614265330";
const NOW: i64 = 1_614_265_330;
const BODY: &[u8] = br#"{"test": 2432232314}"#;
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

fn secret(text: &str) -> WebhookSecret {
    WebhookSecret::parse(text).unwrap()
}

fn headers<'a>(id: &'a str, timestamp: &'a str, signature: &'a str) -> SignedHeaders<'a> {
    SignedHeaders { id, timestamp, signature }
}

fn check(id: &str, timestamp: &str, signature: &str, body: &[u8]) -> Result<(), Refused> {
    verify(&[secret(SECRET)], headers(id, timestamp, signature), body, NOW)
}

fn check_signature(signature: &str) -> Result<(), Refused> {
    check(ID, TIME, signature, BODY)
}

/// The text with each of its characters changed in turn.
fn mutations(text: &str) -> impl Iterator<Item = String> {
    (0..text.len()).flat_map(move |at| {
        let others = ["A", "b", "0", "+", " ", ".", ","].into_iter();
        others
            .filter(move |c| text[at..=at] != **c)
            .map(move |c| format!("{}{c}{}", &text[..at], &text[at + 1..]))
    })
}

#[test]
fn the_published_vectors_sign_and_verify() {
    let second = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    let body = br#"{"email":"test@example.com","username":"test_user"}"#;
    for (key, id, seconds, body, signature) in [
        (SECRET, ID, NOW, BODY, SIGNATURE),
        (
            second,
            "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
            1_649_367_553,
            body.as_slice(),
            "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
        ),
    ] {
        assert_eq!(sign(&[secret(key)], id, seconds, body), signature);
        let time = seconds.to_string();
        assert_eq!(verify(&[secret(key)], headers(id, &time, signature), body, seconds), Ok(()));
    }
}

#[test]
fn what_was_signed_up_to_a_moment_that_is_forgotten_is_refused() {
    for (time, forgotten, expected) in [
        (TIME, 0, Ok(())),
        (TIME, NOW - 1, Ok(())),
        (TIME, NOW, Err(Refused::Forgotten)),
        (TIME, NOW + 1, Err(Refused::Forgotten)),
        ("soon", 0, Err(Refused::Forgotten)),
        ("", 0, Err(Refused::Forgotten)),
    ] {
        assert_eq!(
            check_remembered(headers(ID, time, SIGNATURE), forgotten),
            expected,
            "{time:?} {forgotten}"
        );
    }
}

#[test]
fn one_changed_character_anywhere_is_refused() {
    assert_eq!(check_signature(SIGNATURE), Ok(()));
    assert_eq!(check_signature("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="), Err(Refused::Signature));
    for signature in mutations(SIGNATURE) {
        assert!(check_signature(&signature).is_err(), "{signature}");
    }
    for id in mutations(ID) {
        assert!(check(&id, TIME, SIGNATURE, BODY).is_err(), "{id}");
    }
    for time in mutations(TIME) {
        assert!(check(ID, &time, SIGNATURE, BODY).is_err(), "{time}");
    }
    for body in mutations(std::str::from_utf8(BODY).unwrap()) {
        assert_eq!(check(ID, TIME, SIGNATURE, body.as_bytes()), Err(Refused::Signature), "{body}");
    }
    for key in mutations(SECRET).filter_map(|text| WebhookSecret::parse(&text).ok()) {
        assert_eq!(verify(&[key], headers(ID, TIME, SIGNATURE), BODY, NOW), Err(Refused::Signature));
    }
}

#[test]
fn every_bit_of_the_body_and_the_signature_counts() {
    for at in 0..BODY.len() * 8 {
        let mut body = BODY.to_vec();
        body[at / 8] ^= 1 << (at % 8);
        assert_eq!(check(ID, TIME, SIGNATURE, &body), Err(Refused::Signature));
    }
    let mac = STANDARD.decode(&SIGNATURE[3..]).unwrap();
    for at in 0..256 {
        let mut mac = mac.clone();
        mac[at / 8] ^= 1 << (at % 8);
        assert_eq!(check_signature(&format!("v1,{}", STANDARD.encode(mac))), Err(Refused::Signature));
    }
    assert_eq!(check(ID, TIME, SIGNATURE, &[BODY, b"\n"].concat()), Err(Refused::Signature));
    assert_eq!(check(ID, TIME, SIGNATURE, b""), Err(Refused::Signature));
}

#[test]
fn one_good_entry_of_a_list_is_enough_and_unknown_versions_are_skipped() {
    let bad = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";
    let v1a = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";
    assert_eq!(check_signature(&format!("{bad} v2,{} {SIGNATURE} {bad}", &bad[3..])), Ok(()));
    assert_eq!(check_signature(&format!("{v1a} {SIGNATURE}")), Ok(()));
    assert_eq!(check_signature(v1a), Err(Refused::Signature));
    assert_eq!(check_signature(&SIGNATURE.replace("v1,", "v2,")), Err(Refused::Signature));
}

#[test]
fn malformed_signatures_are_refused() {
    for signature in
        ["v1,", "v1", "v1,g0hM9SsE", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", ",", " ", "v1,é"]
    {
        assert_eq!(check_signature(signature), Err(Refused::Signature), "{signature:?}");
    }
    assert_eq!(check_signature(&SIGNATURE.replace('=', "")), Err(Refused::Signature));
    assert_eq!(check_signature(&SIGNATURE.replace("v1,", "V1,")), Err(Refused::Signature));
    assert_eq!(check_signature(""), Err(Refused::List));
}

#[test]
fn a_list_has_at_most_16_entries_and_4096_bytes() {
    let list = |others: usize| format!("{}{SIGNATURE}", "v2,x ".repeat(others));
    assert_eq!(check_signature(&list(15)), Ok(()));
    assert_eq!(check_signature(&list(16)), Err(Refused::List));
    assert_eq!(check_signature(&list(10_000)), Err(Refused::List));
    let long = |length: usize| format!("v2,{} {SIGNATURE}", "x".repeat(length - SIGNATURE.len() - 4));
    assert_eq!(check_signature(&long(4096)), Ok(()));
    assert_eq!(check_signature(&long(4097)), Err(Refused::List));
}

#[test]
fn the_time_may_be_300_seconds_away_both_ways() {
    for (now, expected) in [
        (NOW, Ok(())),
        (NOW + 300, Ok(())),
        (NOW - 300, Ok(())),
        (NOW + 301, Err(Refused::Time)),
        (NOW - 301, Err(Refused::Time)),
        (i64::MAX, Err(Refused::Time)),
        (i64::MIN, Err(Refused::Time)),
    ] {
        assert_eq!(verify(&[secret(SECRET)], headers(ID, TIME, SIGNATURE), BODY, now), expected, "{now}");
    }
}

#[test]
fn a_time_has_one_way_to_be_written() {
    for time in [
        "",
        "hello",
        "+1614265330",
        "-1614265330",
        "01614265330",
        " 1614265330",
        "1614265330 ",
        "1614265330.0",
        "161426533",
        "1614265330000",
        "16142653301614265330",
        "1_614_265_330",
        "0x6037BCF2",
        "１６１４２６５３３０",
    ] {
        // Signed over that very text, so that nothing but its form is wrong.
        let signature = format!("v1,{}", STANDARD.encode(secret(SECRET).mac(ID, time, BODY)));
        assert_eq!(check(ID, time, &signature, BODY), Err(Refused::Timestamp), "{time:?}");
    }
}

#[test]
fn an_id_is_printable_short_and_without_a_full_stop() {
    let signed = |id: &str| check(id, TIME, &sign(&[secret(SECRET)], id, NOW, BODY), BODY);
    for id in ["m", "msg_1", "5d1b0b9e-7a0c-4d8f", "a/b:c+d=", &"x".repeat(255)] {
        assert_eq!(signed(id), Ok(()), "{id}");
    }
    for id in ["", "a.b", ".", "a b", "a\n", "é", &"x".repeat(256)] {
        assert_eq!(signed(id), Err(Refused::Id), "{id:?}");
    }
}

#[test]
fn both_secrets_of_a_rotation_sign_and_either_verifies() {
    let (old, new) =
        (WebhookSecret::from_bytes(&[1; 24]).unwrap(), WebhookSecret::from_bytes(&[2; 64]).unwrap());
    let both = sign(&[new.clone(), old.clone()], ID, NOW, BODY);
    assert_eq!(both.split(' ').count(), 2);
    for known in [vec![old.clone()], vec![new.clone()], vec![old.clone(), new.clone()]] {
        assert_eq!(verify(&known, headers(ID, TIME, &both), BODY, NOW), Ok(()));
    }
    let by_old = sign(&[old], ID, NOW, BODY);
    assert_eq!(verify(&[new], headers(ID, TIME, &by_old), BODY, NOW), Err(Refused::Signature));
}

#[test]
fn without_a_secret_nothing_verifies() {
    let signature = sign(&[WebhookSecret::nobodys()], ID, NOW, BODY);
    assert_eq!(verify(&[], headers(ID, TIME, &signature), BODY, NOW), Err(Refused::Signature));
    assert_eq!(sign(&[], ID, NOW, BODY), "");
}

#[test]
fn a_secret_is_24_to_64_bytes() {
    let text = |length: usize| format!("whsec_{}", STANDARD.encode(vec![7; length]));
    for length in [24, 32, 63, 64] {
        assert_eq!(*secret(&text(length)).expose(), text(length));
        assert_eq!(secret(&text(length)).bytes(), vec![7; length]);
    }
    for length in [0, 1, 23, 65, 1000] {
        assert_eq!(WebhookSecret::parse(&text(length)).err(), Some(BadSecret), "{length}");
        assert_eq!(WebhookSecret::from_bytes(&vec![7; length]).err(), Some(BadSecret), "{length}");
    }
    let unprefixed = &SECRET[6..];
    let spaced = format!("{SECRET} ");
    let unpadded = text(32).replace('=', "");
    for bad in
        ["", "whsec_", "whsec_!!!!", "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", unprefixed, &spaced, &unpadded]
    {
        assert_eq!(WebhookSecret::parse(bad).err(), Some(BadSecret), "{bad:?}");
    }
}

#[test]
fn a_secret_is_not_printed() {
    assert_eq!(format!("{:?}", secret(SECRET)), "whsec_…");
    assert!(!BadSecret.to_string().contains("MfKQ"));
}

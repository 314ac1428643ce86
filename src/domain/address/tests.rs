use super::*;

fn strict() -> AddressRules {
    AddressRules::default()
}

fn local() -> AddressRules {
    AddressRules::new(["127.0.0.0/8", "::1/128", "10.1.0.0/16"].iter().map(|n| n.parse().unwrap()).collect())
}

#[test]
fn special_addresses_are_refused() {
    for text in [
        "10.254.0.0",
        "192.168.10.65",
        "172.16.10.65",
        "172.31.255.255",
        "0.1.2.3",
        "0.0.0.0",
        "127.0.0.1",
        "127.254.254.254",
        "169.254.45.1",
        "169.254.169.254",
        "255.255.255.255",
        "224.1.2.3",
        "239.255.255.255",
        "192.0.0.0",
        "192.0.0.192",
        "192.0.0.255",
        "192.0.2.255",
        "198.51.100.65",
        "203.0.113.6",
        "100.64.0.0",
        "100.100.100.200",
        "100.127.255.255",
        "192.88.99.3",
        "198.18.0.0",
        "198.19.255.255",
        "240.0.0.0",
        "168.63.129.16",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:a9fe:a9fe",
        "::ffff:10.0.0.1",
        "2001:db8::1",
        "3fff::1",
        "3fff:fff::1",
        "fe80::1",
        "fc00::1",
        "fd12:3456::1",
        "2002::1",
        "2002:7f00:1::",
        "64:ff9b::1",
        "64:ff9b::8.8.8.8",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::1",
        "5f00::1",
        "100::1",
        "ff00::1",
        "ff02::1",
        "::169.254.169.254",
        "::127.0.0.1",
        "::8.8.8.8",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "fec0::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:1ff:ffff::1",
        "2607:f8b0::5efe:10.0.0.1",
        "2607:f8b0::200:5efe:8.8.8.8",
        "fe80::5efe:127.0.0.1",
        "4000::1",
        "1fff::1",
    ] {
        assert_eq!(strict().check_ip(text.parse().unwrap()), Err(Blocked::Special), "{text}");
    }
}

#[test]
fn public_addresses_pass() {
    for text in [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "168.63.129.17",
        "2001:4860:4860::8888",
        "2606:4700::1111",
        "2001:200::1",
        "2a00:1450::1",
        "3ffe::1",
        "::ffff:8.8.8.8",
    ] {
        assert_eq!(strict().check_ip(text.parse().unwrap()), Ok(()), "{text}");
    }
}

#[test]
fn a_named_network_is_open_and_only_that_one() {
    for (text, reach, expected) in [
        ("127.0.0.1", Reach::Public, Ok(())),
        ("127.0.0.1", Reach::Named, Ok(())),
        ("::ffff:127.0.0.1", Reach::Named, Ok(())),
        ("::1", Reach::Named, Ok(())),
        ("10.1.2.3", Reach::Named, Ok(())),
        ("10.2.0.1", Reach::Public, Err(Blocked::Special)),
        ("8.8.8.8", Reach::Public, Ok(())),
        ("8.8.8.8", Reach::Named, Err(Blocked::Special)),
        ("::127.0.0.1", Reach::Named, Err(Blocked::Special)),
    ] {
        assert_eq!(local().check_reach(text.parse().unwrap(), reach), expected, "{text} {reach:?}");
    }
}

#[test]
fn odd_urls_are_refused_where_nothing_is_named() {
    use Blocked::{BareName, Fragment, Literal, Malformed, Port, Scheme, UserInfo};
    for (text, expected) in [
        ("", Malformed),
        ("https", Malformed),
        ("https://", Malformed),
        ("//crm.example.com/x", Malformed),
        ("/hooks", Malformed),
        ("crm.example.com", Malformed),
        ("https:///", Malformed),
        ("https://./", Malformed),
        (" https://crm.example.com/", Malformed),
        ("https://crm.example.com/\n", Malformed),
        ("ht\ttps://crm.example.com/", Malformed),
        ("https://crm.example.com\\@127.0.0.1/", Malformed),
        ("https:\\\\crm.example.com/", Malformed),
        ("https://crm example.com/", Malformed),
        ("http://crm.example.com/", Scheme),
        ("HTTP://crm.example.com/", Scheme),
        ("ftp://crm.example.com/", Scheme),
        ("file:///etc/passwd", Scheme),
        ("gopher://crm.example.com/", Scheme),
        ("data:text/plain,x", Scheme),
        ("javascript:alert(1)", Scheme),
        ("ws://crm.example.com/", Scheme),
        ("unix:/run/docker.sock", Scheme),
        ("https://crm.example.com:80/", Port),
        ("https://crm.example.com:22/", Port),
        ("https://crm.example.com:0/", Port),
        ("https://crm.example.com:6379/", Port),
        ("https://crm.example.com:65536/", Malformed),
        ("https://crm.example.com:x/", Malformed),
        ("https://u@crm.example.com/", UserInfo),
        ("https://u:p@crm.example.com/", UserInfo),
        ("https://:p@crm.example.com/", UserInfo),
        ("https://crm.example.com@127.0.0.1/", UserInfo),
        ("https://crm.example.com#@127.0.0.1/", Fragment),
        ("https://crm.example.com/#f", Fragment),
        ("https://127.0.0.1/", Literal),
        ("https://8.8.8.8/", Literal),
        ("https://8.8.8.8./", Literal),
        ("https://127.1/", Literal),
        ("https://127.0.1/", Literal),
        ("https://0/", Literal),
        ("https://0x7f.0.0.1/", Literal),
        ("https://0x7f000001/", Literal),
        ("https://0177.0.0.1/", Literal),
        ("https://017700000001/", Literal),
        ("https://2130706433/", Literal),
        ("https://127.0.0.1./", Literal),
        ("https://%31%32%37.0.0.1/", Literal),
        ("https://１２７.0.0.1/", Literal),
        ("https://①②⑦.⓪.⓪.①/", Literal),
        ("https://127。0。0。1/", Literal),
        ("https://169.254.169.254/latest/meta-data", Literal),
        ("https://256.0.0.1/", Malformed),
        ("https://0x1ffffffff/", Malformed),
        ("https://1.2.3.4.5/", Malformed),
        ("https://09.0.0.1/", Malformed),
        ("https://[::1]/", Literal),
        ("https://[::ffff:127.0.0.1]/", Literal),
        ("https://[0:0:0:0:0:0:0:1]/", Literal),
        ("https://[2001:4860:4860::8888]/", Literal),
        ("https://[fe80::1%25eth0]/", Malformed),
        ("https://[fe80::1%eth0]/", Malformed),
        ("https://[::1/", Malformed),
        ("https://[v1.x]/", Malformed),
        ("https://::1/", Malformed),
        ("https://[127.0.0.1]/", Malformed),
        ("https://localhost/", BareName),
        ("https://localhost./", BareName),
        ("https://LOCALHOST/", BareName),
        ("https://ⓛocalhost/", BareName),
        ("https://ｌｏｃａｌｈｏｓｔ/", BareName),
        ("https://intranet/", BareName),
        ("https://crm%00.example.com/", Malformed),
        ("https://crm%2f.example.com/", Malformed),
        ("https://xn--/", Malformed),
        ("https://crm<.example.com/", Malformed),
    ] {
        assert_eq!(strict().parse_url(text), Err(expected), "{text:?}");
    }
}

#[test]
fn ordinary_urls_pass() {
    for text in [
        "https://crm.example.com/",
        "https://crm.example.com/hooks?a=b",
        "https://crm.example.com:443/hooks",
        "https://crm.example.com:8443/hooks",
        "https://CRM.Example.com/hooks",
        "https://crm.example.com./hooks",
        "https://bücher.example/",
        "https://xn--bcher-kva.example/",
        "https://a-b.example.com/%20/x",
    ] {
        let url = strict().parse_url(text).unwrap();
        assert_eq!(strict().check_url(&url), Ok(Reach::Public), "{text}");
    }
}

#[test]
fn named_networks_open_plain_http_other_ports_literals_and_bare_names() {
    for (text, expected) in [
        ("http://127.0.0.1:9000/hooks", Ok(Reach::Named)),
        ("https://127.0.0.1/", Ok(Reach::Named)),
        ("http://[::1]:9000/", Ok(Reach::Named)),
        ("http://[::ffff:127.0.0.1]/", Ok(Reach::Named)),
        ("http://localhost:9000/", Ok(Reach::Named)),
        ("https://localhost/", Ok(Reach::Named)),
        ("http://crm.example.com/", Ok(Reach::Named)),
        ("https://crm.example.com:9443/", Ok(Reach::Named)),
        ("https://crm.example.com/", Ok(Reach::Public)),
        ("http://10.2.0.1/", Err(Blocked::Literal)),
        ("http://8.8.8.8/", Err(Blocked::Literal)),
        ("http://u:p@127.0.0.1/", Err(Blocked::UserInfo)),
        ("ftp://127.0.0.1/", Err(Blocked::Scheme)),
        ("http://127.0.0.1:0/", Err(Blocked::Port)),
    ] {
        assert_eq!(local().check_url(&Url::parse(text).unwrap()), expected, "{text}");
    }
}

#[test]
fn a_url_may_be_2048_characters_long_and_no_longer() {
    let url = |length: usize| format!("https://crm.example.com/{}", "a".repeat(length - 24));
    assert!(strict().parse_url(&url(2048)).is_ok());
    assert_eq!(strict().parse_url(&url(2049)), Err(Blocked::TooLong));
    // Short as text, long once encoded.
    let encoded = format!("https://crm.example.com/{}", "é".repeat(600));
    assert_eq!(strict().parse_url(&encoded), Err(Blocked::TooLong));
}

#[test]
fn relays_are_named_hosts_on_mail_ports() {
    for (host, port, open, closed) in [
        ("smtp.example.com", 587, Ok(Reach::Public), Ok(Reach::Public)),
        ("smtp.example.com", 465, Ok(Reach::Public), Ok(Reach::Public)),
        ("smtp.example.com", 6379, Ok(Reach::Named), Err(Blocked::Port)),
        ("127.0.0.1", 25, Ok(Reach::Named), Err(Blocked::Literal)),
        ("0x7f.1", 25, Ok(Reach::Named), Err(Blocked::Literal)),
        ("[::1]", 1025, Ok(Reach::Named), Err(Blocked::Literal)),
        ("8.8.8.8", 25, Err(Blocked::Literal), Err(Blocked::Literal)),
        ("localhost", 25, Ok(Reach::Named), Err(Blocked::BareName)),
        ("", 25, Err(Blocked::Malformed), Err(Blocked::Malformed)),
    ] {
        assert_eq!(local().check_relay(host, port), open, "{host}:{port}");
        assert_eq!(strict().check_relay(host, port), closed, "{host}:{port}");
    }
}

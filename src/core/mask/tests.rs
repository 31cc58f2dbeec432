use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;

fn masked(secrets: &[&str], pieces: &[&[u8]]) -> String {
    let mut stream = Stream::new(Arc::new(Mask::of(secrets.iter().copied())));
    let mut shown: Vec<u8> = pieces.iter().flat_map(|p| stream.push(p)).collect();
    shown.extend(stream.finish());
    String::from_utf8(shown).unwrap()
}

fn text(secret: &str, text: &str) -> String {
    Mask::of([secret]).text(text)
}

#[test]
fn a_secret_is_masked_wherever_it_is_split() {
    let text = b"url=postgres://u:hunter2@h\r\n";
    for at in 0..text.len() {
        let (a, b) = text.split_at(at);
        assert_eq!(masked(&["hunter2"], &[a, b]), "url=postgres://u:••••••@h\r\n");
    }
}

#[test]
fn what_only_begins_like_a_secret_is_shown() {
    assert_eq!(masked(&["hunter2"], &[b"hunt", b"ing"]), "hunting");
    assert_eq!(masked(&["hunter2"], &[b"a hunte"]), "a hunte");
    assert_eq!(masked(&["aab!"], &[b"aaa", b"aab!"]), "aaa••••••");
}

#[test]
fn the_longest_of_two_secrets_wins() {
    assert_eq!(masked(&["abcd", "abcdef"], &[b"abcd", b"ef"]), "••••••");
    assert_eq!(masked(&["abcd", "abcdef"], &[b"abcd", b"xx"]), "••••••xx");
}

#[test]
fn short_values_are_left_and_long_ones_masked_by_line() {
    assert_eq!(masked(&["on"], &[b"on"]), "on");
    let key = "-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA\n-----END KEY-----\n";
    let shown = masked(&[key], &[key.replace('\n', "\r\n").as_bytes(), b"grep MIIEpAIBAAKCAQEA\r\n"]);
    assert_eq!(shown, "••••••\r\ngrep ••••••\r\n");
}

/// In the order of the secret's lengths modulo three, so that each alignment meets each end.
const SECRETS: [&str; 4] = ["s3cr3t", "s3cr3t~", "s3cr3t~?", "kß>?>?¿ÿ~~"];

#[test]
fn base64_is_known_in_both_alphabets_at_any_place_of_a_longer_text() {
    for secret in SECRETS {
        for engine in [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD] {
            for before in ["", "u", "ab", "me:", "user:"] {
                for after in ["", "x", "xy", "xyz"] {
                    let plain = format!("{before}{secret}{after}");
                    let written = engine.encode(&plain);
                    let shown = text(secret, &format!("Basic {written}."));
                    // Nothing of the secret but the bits in one character that it shares with what stands before.
                    let (head, tail) = shown.split_once(MASK).unwrap_or_else(|| panic!("{plain}: {written} {shown}"));
                    let known = STANDARD_NO_PAD.encode(before).len();
                    assert_eq!(head.len(), "Basic ".len() + known, "{plain}: {written} {shown}");
                    let rest = STANDARD_NO_PAD.encode(after).len().max(1) + 3;
                    assert!(tail.len() <= rest, "{plain}: {written} {shown}");
                }
            }
        }
    }
}

#[test]
fn base64_is_known_in_lines_and_in_urls() {
    let secret = "a long secret, longer than a line of base64 is: ???>>>~~~ and so on until it is";
    let written = STANDARD.encode(secret);
    let wrapped =
        |end: &str| written.as_bytes().chunks(76).map(|l| String::from_utf8_lossy(l)).collect::<Vec<_>>().join(end);
    for written in
        [wrapped("\n"), wrapped("\r\n"), written.replace('/', "%2F").replace('+', "%2b"), written.replace('/', "\\/")]
    {
        assert_eq!(text(secret, &format!("<{written}>")).trim_end_matches(['=', '>']), "<••••••", "{written}");
    }
}

#[test]
fn hex_is_known_in_either_case() {
    assert_eq!(text("s3cr3t~", "\\x7333637233747e7e 733363723374\n7E"), "\\x••••••7e ••••••");
}

#[test]
fn a_secret_is_known_as_urls_json_shells_and_html_write_it() {
    let secret = "p/w d+\"it's\" $1 <ä> 50%&\\";
    for written in [
        secret.to_owned(),
        "p%2Fw%20d%2B%22it%27s%22%20%241%20%3C%C3%A4%3E%2050%25%26%5C".to_owned(),
        "p%2fw%20d%2b%22it%27s%22%20%241%20%3c%c3%a4%3e%2050%25%26%5c".to_owned(),
        "p/w+d%2B%22it's%22+%241+%3C%C3%A4%3E+50%25&%5C".to_owned(),
        serde_json::to_string(secret).unwrap().trim_matches('"').to_owned(),
        r#"p\/w d+\"it's\" $1 \u003c\u00E4\u003E 50%\u0026\\"#.to_owned(),
        r#"p/w\ d+\"it\'s\"\ \$1\ \<ä\>\ 50%\&\\"#.to_owned(),
        r#"p/w d+"it'\''s" $1 <ä> 50%&\"#.to_owned(),
        r#"p/w d+\"it\'s\" $1 <\303\244> 50%&\\"#.to_owned(),
        r#"p/w d+"it's" $1 <\xc3\xa4> 50%&\\"#.to_owned(),
        "p/w d+&quot;it&#39;s&quot; $1 &lt;ä&gt; 50%&amp;\\".to_owned(),
    ] {
        assert_eq!(text(secret, &format!("k=<{written}>")), "k=<••••••>", "{written}");
    }
    assert_eq!(
        text("two\nlines", "two\r\nlines two\\nlines two%0alines two%0D%0Alines"),
        "•••••• •••••• •••••• ••••••"
    );
}

#[test]
fn a_secret_that_was_cut_off_is_known_by_its_beginning() {
    assert_eq!(text("hunter22", "token hunte… and hun… and hunter2"), "token ••••••… and hun… and hunter2");
    assert_eq!(text("hunter22", &format!("{}…", &STANDARD.encode("u:hunter22")[..9])), "dTp••••••…");
}

#[test]
fn the_password_and_the_path_of_a_url_are_known_by_themselves() {
    let url = "postgres://app:c0rrect%2Fhorse@DB.example.com:5432/shop";
    assert_eq!(text(url, "no entry for app, c0rrect/horse, in shop"), "no entry for app, ••••••, in shop");
    assert_eq!(text(url, "PGPASSWORD=c0rrect%2fhorse"), "PGPASSWORD=••••••");
    assert_eq!(text(url, &STANDARD.encode("app:c0rrect/horse")), "YXBwOm••••••=");
    let hook = "https://Hooks.example.com:443/services/T000/B000/x9y8z7";
    assert_eq!(text(hook, "POST /services/T000/B000/x9y8z7 404"), "POST •••••• 404");
    assert_eq!(text(hook, "https://hooks.example.com/services/T000/B000/x9y8z7: 404"), "••••••: 404");
    // What is no more than everybody's word stays.
    assert_eq!(text("postgres://postgres:postgres@localhost/postgres", "the role postgres"), "the role postgres");
    assert_eq!(text("https://example.com/health", "GET /health"), "GET /health");
}

#[test]
fn a_short_secret_is_not_seen_where_it_is_not() {
    // `five5` in base64 would be six characters.
    assert_eq!(text("five5", &STANDARD.encode("five5")), STANDARD.encode("five5"));
    assert_eq!(text("abc", "abc"), "abc");
    assert_eq!(text(" \n ", "a   b"), "a   b");
}

proptest! {
    #[test]
    fn how_it_is_split_makes_no_difference(
        text in "[ab%2]{0,40}", cuts in prop::collection::vec(0usize..40, 0..6),
        secrets in prop::collection::vec("[ab%\"]{4,7}", 1..4),
    ) {
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(text.len())).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|w| &text.as_bytes()[w[0]..w[1]]).collect();
        let whole = masked(&secrets, &[text.as_bytes()]);
        prop_assert_eq!(masked(&secrets, &pieces), whole.clone());
        for secret in secrets {
            prop_assert!(!whole.contains(secret));
        }
    }

    #[test]
    fn an_encoded_secret_is_masked_wherever_it_is_split(
        before in "[a-z]{0,5}", secret in "[!-~ ä]{6,12}", after in "[a-z]{0,5}", cut in 0usize..60,
    ) {
        let secret = secret.trim();
        prop_assume!(secret.len() >= 6);
        let plain = STANDARD.encode(format!("{before}{secret}{after}"));
        let hex: String = secret.bytes().map(|b| format!("{b:02X}")).collect();
        let url: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        for written in [plain, hex, url, serde_json::to_string(secret).unwrap()] {
            let (a, b) = written.as_bytes().split_at(cut.min(written.len()));
            let shown = masked(&[secret], &[a, b]);
            prop_assert!(shown.contains(MASK), "{written}: {shown}");
        }
    }

    #[test]
    fn any_bytes_pass_as_they_are_where_there_is_no_secret(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut stream = Stream::new(Arc::new(Mask::of(["\u{10ffff}never there"])));
        let mut shown = stream.push(&bytes);
        shown.extend(stream.finish());
        prop_assert_eq!(shown, bytes);
    }
}

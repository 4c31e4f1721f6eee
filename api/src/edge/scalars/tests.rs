//! Spellings that are read and those that are not, as tables.

use super::*;

fn refused<T: FromStr<Err = Fault> + fmt::Debug>(text: &str, code: &str) {
    let fault = text.parse::<T>().expect_err(text);
    assert!(fault.ends_with(&format!(" [{code}]")), "{text}: {fault}");
}

#[test]
fn an_id_has_one_spelling() {
    assert!("7d444840-9dc0-41d1-b245-5ffdce74fad2".parse::<Id>().is_ok());
    for text in [
        "",
        "1",
        "7D444840-9DC0-41D1-B245-5FFDCE74FAD2",
        "7d4448409dc041d1b2455ffdce74fad2",
        "{7d444840-9dc0-41d1-b245-5ffdce74fad2}",
        "urn:uuid:7d444840-9dc0-41d1-b245-5ffdce74fad2",
        " 7d444840-9dc0-41d1-b245-5ffdce74fad2",
        "7d444840-9dc0-41d1-b245-5ffdce74fad2 ",
        "7d444840-9dc0-41d1-b245-5ffdce74fadg",
        "7d444840-9dc041d1-b245-5ffdce74fad2-",
        "7d444840-9dc0-41d1-b245-5ffdce74fad\u{e9}",
    ] {
        refused::<Id>(text, "invalid-id");
    }
}

#[test]
fn a_date_has_one_spelling_and_a_window() {
    for text in ["2024-02-29", "2000-02-29", "1970-01-01", "9999-12-31"] {
        assert_eq!(text.parse::<Date>().expect(text).to_string(), text);
    }
    for text in [
        "0000-00-00",
        "2023-02-29",
        "2024-02-30",
        "1900-02-29",
        "2024-2-9",
        " 2024-02-29",
        "2024-02-29 ",
        "2024-W09-4",
        "20240229",
        "2024-060",
        "0000-01-01",
        "-0001-01-01",
        "+10000-01-01",
        "10000-01-01",
        "1969-12-31",
        "infinity",
        "-infinity",
        "now",
        "tomorrow",
        "epoch",
        "2024-00-01",
        "2024-13-01",
        "2024-01-32",
        "2024-01-00",
        "2024/01/01",
        "2024-01-01T00:00:00Z",
        "٢٠٢٤-٠١-٠١",
        "",
        "2024-01-1a",
        "2024-01-+1",
    ] {
        refused::<Date>(text, "invalid-date");
    }
}

#[test]
fn an_instant_has_one_grammar_and_a_window() {
    for (text, shown) in [
        ("2026-02-28T09:30:00Z", "2026-02-28T09:30:00.000000Z"),
        ("2026-02-28T09:30:00.1Z", "2026-02-28T09:30:00.100000Z"),
        ("2026-02-28T09:30:00.123456789Z", "2026-02-28T09:30:00.123456Z"),
        ("2026-08-20T17:32:23+02:00", "2026-08-20T15:32:23.000000Z"),
        ("2026-02-28T00:10:00-05:30", "2026-02-28T05:40:00.000000Z"),
        ("2026-02-28T00:00:00+00:00", "2026-02-28T00:00:00.000000Z"),
        ("2026-02-28T23:59:59+23:59", "2026-02-28T00:00:59.000000Z"),
        ("1969-12-31T23:30:00-01:00", "1970-01-01T00:30:00.000000Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ] {
        assert_eq!(text.parse::<Instant>().expect(text).to_string(), shown);
    }
    for text in [
        "2016-12-31T23:59:60Z",
        "2026-02-28T24:00:00Z",
        "2026-02-28T23:60:00Z",
        "2026-02-28T09:30:00",
        "2026-02-28T09:30:00-00:00",
        "2026-02-28T09:30:00+24:00",
        "2026-02-28T09:30:00+01:60",
        "2026-02-28T09:30:00+0100",
        "2026-02-28T09:30:00+01",
        "2026-02-28 09:30:00Z",
        "2026-02-28t09:30:00Z",
        "2026-02-28T09:30:00z",
        "2026-02-28T09:30:00.Z",
        "2026-02-28T09:30:00,5Z",
        "2026-02-28T09:30:00.1234567890Z",
        "2026-02-28T09:30Z",
        "2026-02-30T09:30:00Z",
        "2026-02-28",
        " 2026-02-28T09:30:00Z",
        "2026-02-28T09:30:00Z ",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "now",
        "infinity",
        "",
        "2026-02-28T09:30:0éZ",
        "0000-00-00T00:00:00Z",
        "2026-02-28T-1:30:00Z",
    ] {
        refused::<Instant>(text, "invalid-date-time");
    }
}

#[test]
fn text_is_bounded_in_characters_and_kept_as_sent() {
    type Title = Line<1, 200>;
    let emoji = "\u{1f600}".repeat(200);
    let marks = format!("e{}", "\u{301}".repeat(199));
    for text in ["x", &"x".repeat(200), &emoji, &marks, " x ", "\u{202e}abc", "\u{feff}x", "\u{ffff}", "e\u{301}"] {
        assert_eq!(text.parse::<Title>().expect(text).as_str(), text);
    }
    for (text, code) in [
        ("", "blank"),
        ("   ", "blank"),
        ("\u{a0}\u{2003}\n", "blank"),
        (&"x".repeat(201), "too-long"),
        (&"\u{301}".repeat(10_000), "too-long"),
        ("a\0b", "nul-not-allowed"),
        ("a\nb", "control-character"),
        ("a\tb", "control-character"),
        ("a\u{7f}b", "control-character"),
        ("a\u{85}b", "control-character"),
        ("a\u{1b}[31m", "control-character"),
    ] {
        refused::<Title>(text, code);
    }
}

#[test]
fn many_lines_may_have_line_ends_and_tabs() {
    type Description = Text<0, 10>;
    for text in ["", "  ", "a\nb", "a\r\n\tb"] {
        assert_eq!(text.parse::<Description>().expect(text).as_str(), text);
    }
    refused::<Description>("a\u{8}", "control-character");
    refused::<Description>("12345678901", "too-long");
    refused::<Text<3, 10>>("ab", "too-short");
    refused::<Text<1, 10>>("\n", "blank");
}

#[test]
fn the_schemas_say_the_same() {
    let schema = |schema: RefOr<Schema>| serde_json::to_value(schema).expect("JSON");
    assert_eq!(schema(Id::schema()), serde_json::json!({"type": "string", "format": "uuid"}));
    let line = serde_json::json!({"type": "string", "minLength": 1, "maxLength": 200});
    assert_eq!(schema(Line::<1, 200>::schema()), line);
    assert_eq!(Line::<1, 200>::name(), "Line1To200");
}

/// What an endpoint declares.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is read")]
struct Wire {
    id: Id,
    #[schema(inline)]
    title: Line<1, 200>,
    #[schema(inline)]
    due: Option<Date>,
    #[schema(inline, value_type = Text<0, 9>, required = false)]
    change: crate::edge::patch::Change<Text<0, 9>>,
    #[schema(inline, value_type = Option<Text<0, 9>>)]
    patch: crate::edge::patch::Patch<Text<0, 9>>,
}

#[test]
fn derived_schemas_contain_them() {
    let schema = serde_json::to_value(Wire::schema()).expect("JSON");
    assert_eq!(schema["required"], serde_json::json!(["id", "title"]));
    let fields = &schema["properties"];
    assert_eq!(fields["id"]["$ref"], "#/components/schemas/Id");
    assert_eq!(fields["title"]["maxLength"], 200);
    assert_eq!(fields["change"]["maxLength"], 9);
    for nullable in ["due", "patch"] {
        assert!(fields[nullable].to_string().contains("null"), "{fields:#}");
    }
}

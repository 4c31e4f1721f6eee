//! Words that mean something outside of Docket: e-mail addresses, colours, currencies, languages, time zones.

/// One `@` with something before it and a dotted name or `localhost` after it: the mail server judges the rest.
pub fn is_address(text: &str) -> bool {
    let plain = text.len() <= 254 && text.chars().all(|c| !c.is_whitespace() && !c.is_control());
    plain
        && text.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty()
                && !host.is_empty()
                && !host.contains('@')
                && !host.starts_with('.')
                && !host.ends_with('.')
        })
}

/// The codes of ISO 4217 that money has: without funds, metals and codes for tests.
const CURRENCIES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN \
                          BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL \
                          GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF \
                          KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN \
                          MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD \
                          SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH \
                          UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

/// Whether money can be counted in it.
pub fn is_currency(code: &str) -> bool {
    code.len() == 3 && CURRENCIES.split(' ').any(|known| known == code)
}

/// `#rrggbb`
pub fn is_color(text: &str) -> bool {
    text.len() == 7 && text.starts_with('#') && text[1..].bytes().all(|b| b.is_ascii_hexdigit())
}

/// A tag of BCP 47 by its form: a language of two or three letters, perhaps an extended one, a script, a region and
/// variants, in this order, then extensions.
pub fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-').peekable();
    let language = parts.next().unwrap_or_default();
    let letters = |part: &str, count: usize| part.len() == count && part.bytes().all(|b| b.is_ascii_alphabetic());
    let is_region = |part: &str| letters(part, 2) || part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit());
    let is_variant = |part: &str| part.len() > 4 || part.len() == 4 && part.as_bytes()[0].is_ascii_digit();
    parts.next_if(|part| letters(part, 3));
    parts.next_if(|part| letters(part, 4));
    parts.next_if(|part| is_region(part));
    while parts.next_if(|part| is_variant(part)).is_some() {}
    // What is left are extensions: a single letter or digit, and longer parts that belong to it.
    let well_extended =
        parts.peek().is_none_or(|part| part.len() == 1) && parts.last().is_none_or(|part| part.len() > 1);
    tag.len() <= 35
        && (2..=3).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_lowercase())
        && tag.split('-').all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
        && well_extended
}

/// A name of the IANA database.
pub fn is_time_zone(name: &str) -> bool {
    name.parse::<chrono_tz::Tz>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_are_codes_in_capitals() {
        for code in ["EUR", "USD", "DKK", "GBP", "AED", "ZWG"] {
            assert!(is_currency(code), "{code}");
        }
        for code in ["", "eur", "EU", "EURO", "XXX", "EUR USD", "UR ", "€"] {
            assert!(!is_currency(code), "{code}");
        }
    }

    #[test]
    fn languages_have_the_form_of_bcp_47() {
        for tag in
            ["en", "de-AT", "zh-Hant-TW", "es-419", "gsw", "zh-yue-HK", "sl-rozaj", "de-1996", "de-AT-u-co-phonebk"]
        {
            assert!(is_language(tag), "{tag}");
        }
        for tag in [
            "",
            "e",
            "EN",
            "english",
            "de_AT",
            "de-",
            "de--AT",
            "de-AT ",
            "xx-123456789",
            "xx-yy-zz",
            "de-AT-Latn",
            "de-u",
            "de-AT-u-",
            "de-ü",
        ] {
            assert!(!is_language(tag), "{tag}");
        }
    }
}

//! Whose account a command uses: flags and environment before the profile.

use anyhow::bail;

use super::client::{Client, Server};
use super::profile::{self, Profiles};

/// Where a server is unless anything else is said.
pub const DEFAULT_URL: &str = "http://127.0.0.1:8080";

/// Where the server is and what to show it, unless the profile's are right.
#[derive(clap::Args, Clone)]
pub struct Account {
    /// The server's address, instead of the profile's.
    #[arg(long, global = true, help_heading = "Server", env = "DOCKET_URL")]
    pub url: Option<String>,
    /// An API key, instead of the profile's.
    #[arg(long, global = true, help_heading = "Server", env = "DOCKET_KEY", hide_env_values = true)]
    pub key: Option<String>,
    /// Which of the profiles that `docket login` has made.
    #[arg(long, global = true, help_heading = "Server", env = "DOCKET_PROFILE", value_name = "NAME")]
    pub profile: Option<String>,
}

impl Account {
    /// A client for somebody who waits.
    pub fn client(&self) -> anyhow::Result<Client> {
        Client::for_a_person(self.server()?)
    }

    /// The server and the key to use.
    pub fn server(&self) -> anyhow::Result<Server> {
        match (self.url(), self.key()) {
            (Some(url), Some(key)) => Ok(Server { url: url.to_owned(), key: key.to_owned() }),
            _ => self.choose(&Profiles::load()?),
        }
    }

    /// The name of the profile.
    pub fn profile(&self) -> &str {
        said(self.profile.as_ref()).unwrap_or(profile::DEFAULT)
    }

    /// The address, if one is given.
    pub fn url(&self) -> Option<&str> {
        said(self.url.as_ref())
    }

    /// The key, if one is given.
    pub fn key(&self) -> Option<&str> {
        said(self.key.as_ref())
    }

    fn choose(&self, profiles: &Profiles) -> anyhow::Result<Server> {
        let name = self.profile();
        let saved = profiles.get(name);
        if saved.is_none() && said(self.profile.as_ref()).is_some() {
            bail!("there is no profile {name}: `docket profiles` lists them, `docket login --profile {name}` makes it");
        }
        match (self.url(), self.key(), saved) {
            (url, Some(key), saved) => {
                let url = url.or(saved.map(|saved| saved.url.as_str())).unwrap_or(DEFAULT_URL);
                Ok(Server { url: url.to_owned(), key: key.to_owned() })
            }
            // A key goes to the server it was made for, and to no other.
            (Some(url), None, Some(saved)) if !is_same(url, &saved.url) => {
                bail!("the key of profile {name} is for {}: say --key (or DOCKET_KEY) for {url}", saved.url)
            }
            (_, None, Some(saved)) => Ok(saved.clone()),
            (_, None, None) => bail!("no key: run `docket login`, or set --key or DOCKET_KEY"),
        }
    }
}

/// An empty variable says nothing.
fn said(value: Option<&String>) -> Option<&str> {
    value.map(String::as_str).filter(|value| !value.is_empty())
}

fn is_same(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(url: &str, key: &str, profile: &str) -> Result<(String, String), String> {
        let mut profiles = Profiles::default();
        profiles.set("default", Server { url: "http://home".to_owned(), key: "home-key".to_owned() });
        profiles.set("work", Server { url: "http://office".to_owned(), key: "work-key".to_owned() });
        let given = |text: &str| Some(text.to_owned());
        let account = Account { url: given(url), key: given(key), profile: given(profile) };
        let chosen = account.choose(&profiles);
        chosen.map(|server| (server.url, server.key)).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_said_comes_before_the_profile() {
        let ok = |url: &str, key: &str| Ok((url.to_owned(), key.to_owned()));
        assert_eq!(chosen("", "", ""), ok("http://home", "home-key"));
        assert_eq!(chosen("", "", "work"), ok("http://office", "work-key"));
        assert_eq!(chosen("", "k", "work"), ok("http://office", "k"));
        assert_eq!(chosen("http://other", "k", ""), ok("http://other", "k"));
        assert_eq!(chosen("http://office/", "", "work"), ok("http://office", "work-key"));
    }

    #[test]
    fn a_profiles_key_goes_to_no_other_server() {
        assert!(chosen("http://other", "", "").is_err_and(|said| said.contains("is for http://home")));
        assert!(chosen("", "", "nowhere").is_err_and(|said| said.contains("no profile nowhere")));
    }

    #[test]
    fn without_any_key_it_says_how_to_get_one() {
        let account = Account { url: None, key: None, profile: None };
        let said = account.choose(&Profiles::default()).err().map(|error| error.to_string());
        assert!(said.is_some_and(|said| said.contains("docket login")));
    }
}

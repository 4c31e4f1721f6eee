//! A request's body that can be had back after it was read, or not.

use std::mem::take;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};

/// What is left of a body that was lent.
pub struct Lent(Option<Arc<Mutex<Remains>>>);

#[derive(Default)]
struct Remains {
    read: Vec<Bytes>,
    rest: Body,
}

/// A body on loan: what is read of it is remembered, and what is not goes back when it is dropped.
struct Loan {
    remains: Remains,
    owner: Arc<Mutex<Remains>>,
}

impl Lent {
    /// Lends a body.
    pub fn out(body: Body) -> (Body, Self) {
        if body.is_end_stream() {
            return (body, Self(None));
        }
        let owner = Arc::<Mutex<Remains>>::default();
        let loan = Loan { remains: Remains { read: Vec::new(), rest: body }, owner: owner.clone() };
        (Body::new(loan), Self(Some(owner)))
    }

    /// The body once more, if it was not left half read.
    pub fn back(self) -> Option<Body> {
        let Some(owner) = self.0 else { return Some(Body::empty()) };
        let Remains { read, rest } = take(&mut *owner.lock().unwrap_or_else(PoisonError::into_inner));
        match (read.is_empty(), rest.is_end_stream()) {
            (true, _) => Some(rest),
            (false, true) => Some(Body::from(read.concat())),
            (false, false) => None,
        }
    }
}

impl HttpBody for Loan {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.remains.rest).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => self.remains.read.extend(frame.data_ref().cloned()),
            Some(Err(_)) => {}
            // Some bodies know of their end only then.
            None => self.remains.rest = Body::empty(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.remains.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.remains.rest.size_hint()
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        *self.owner.lock().unwrap_or_else(PoisonError::into_inner) = take(&mut self.remains);
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    fn pieces() -> Body {
        Body::from_stream(futures::stream::iter(["{\"a\"", ":1}"].map(Ok::<_, std::io::Error>)))
    }

    #[tokio::test]
    async fn a_body_comes_back_whole_or_not_at_all() {
        let all = async |body: Body| body.collect().await.expect("a body").to_bytes();
        let (body, lent) = Lent::out(pieces());
        drop(body);
        assert_eq!(all(lent.back().expect("unread")).await, "{\"a\":1}");
        let (body, lent) = Lent::out(pieces());
        assert_eq!(all(body).await, "{\"a\":1}");
        assert_eq!(all(lent.back().expect("read")).await, "{\"a\":1}");
        let (mut body, lent) = Lent::out(pieces());
        assert!(body.frame().await.is_some());
        drop(body);
        assert!(lent.back().is_none());
        let (body, lent) = Lent::out(Body::empty());
        drop(body);
        assert_eq!(all(lent.back().expect("nothing")).await, "");
    }
}

//! `GET /requests`, `/requests/{id}`, `/tokens/{token}`: cases as everybody may see them.

use super::{
    Asked,
    element::{Document, Element},
    filter::{Filter, numbers},
    instant,
    problem::{Problem, Problems},
    told,
};
use crate::health::look;
use huying_domain::{
    area::{AreaCode, Point},
    ids::CaseId,
    words::Words,
};
use huying_projection::requests::Request;

/// Into so many parts a degree is cut for everybody: some hundred metres.
const BLOCKS_A_DEGREE: f64 = 1_000.0;

pub(super) async fn list(asked: &Asked) -> Result<Document, Problems> {
    let requests = if asked.said.one("service_request_id").is_some() {
        let mut found = Vec::new();
        for number in numbers(asked)? {
            match asked.ground.doors.request(number).await {
                Ok(request) => found.push(request),
                Err(refusal) if refusal.code == "unknown_case" => {}
                Err(refusal) => return Err(refusal.into()),
            }
        }
        found
    } else {
        let now = asked.ground.doors.now().await.map_err(crate::refused::Refused::from)?;
        let filter = Filter::read(asked, now)?;
        look(&asked.ground, move |engine| {
            let newest = engine.views().requests.newest();
            let meant = newest.take_while(|request| !filter.is_behind(request));
            let meant = meant.filter(|request| filter.means(request));
            meant.skip(filter.skip).take(filter.rows).cloned().collect::<Vec<_>>()
        })
        .await?
    };
    let rows = requests.iter().map(|request| row(asked, request, None)).collect();
    Ok(Document::listed("service_requests", "request", rows))
}

pub(super) async fn one(asked: &Asked, id: &str) -> Result<Document, Problems> {
    let request = request(asked, id, "service_request_id").await?;
    // Who brought the report is told in the answer's own words what was done.
    let answer =
        if is_own(asked, &request) { asked.ground.doors.page(request.case).await?.answer } else { None };
    let row = row(asked, &request, answer.as_ref());
    Ok(Document::listed("service_requests", "request", vec![row]))
}

/// Every report is a case at once, so that the number is the token.
pub(super) async fn token(asked: &Asked, token: &str) -> Result<Document, Problems> {
    let request = request(asked, token, "token").await?;
    let number = request.case.to_string();
    let fields =
        vec![("service_request_id", Element::text(number.clone())), ("token", Element::text(number))];
    Ok(Document::listed("service_requests", "request", vec![Element::Fields(fields)]))
}

async fn request(asked: &Asked, id: &str, name: &str) -> Result<Request, Problems> {
    let number: CaseId = id.parse().map_err(|_| Problem::unknown(name, id))?;
    asked.ground.doors.request(number).await.map_err(|refusal| match refusal.code.as_str() {
        "unknown_case" => Problem::unknown(name, id).into(),
        _ => refusal.into(),
    })
}

fn row(asked: &Asked, request: &Request, answer: Option<&Words>) -> Element {
    let (tongue, zone) = (asked.tongue(), asked.zone());
    let at = |at| Element::text(instant::shown(at, zone));
    let class = tongue.class(&request.class);
    let mut notes = asked.in_words(&told::words(request.standing, zone));
    if let Some(why) = request.unhandled.filter(|why| *why != request.standing) {
        notes = format!("{notes}\n{}", asked.in_words(&told::words(why, zone)));
    }
    if let Some(answer) = answer {
        notes = format!("{notes}\n{}", asked.in_words(answer));
    }
    let notice = request.lead.map(|lead| {
        let words = Words::new(
            format!("与 {lead} 为同一事项，一并答复。"),
            format!("The same matter as {lead}, and answered with it."),
        );
        asked.in_words(&words)
    });
    let degrees = request.place.map(|place| degrees(place, is_own(asked, request)));
    let degree = |one: Option<f64>| one.map_or(Element::Nothing, Element::Degrees);
    Element::Fields(vec![
        ("service_request_id", Element::text(request.case.to_string())),
        ("status", Element::text(if request.closed_at.is_some() { "closed" } else { "open" })),
        ("status_notes", Element::text(notes)),
        ("service_name", Element::text(asked.in_words(&class))),
        ("service_code", Element::text(request.class.as_str())),
        ("description", Element::text(description(asked, request))),
        ("agency_responsible", Element::text(asked.in_words(&tongue.unit(&request.holder)))),
        ("service_notice", Element::optional(notice)),
        ("requested_datetime", at(request.filed_at)),
        ("updated_datetime", at(request.closed_at.unwrap_or(request.updated_at))),
        ("expected_datetime", request.expected().map_or(Element::Nothing, at)),
        ("address", Element::text(address(asked, request.area))),
        ("address_id", Element::text(request.area.to_string())),
        ("zipcode", Element::Nothing),
        ("lat", degree(degrees.map(|(_, lat)| lat))),
        ("long", degree(degrees.map(|(lon, _)| lon))),
        ("media_url", Element::Nothing),
    ])
}

/// Whether who asks has brought it.
fn is_own(asked: &Asked, request: &Request) -> bool {
    asked.grant.as_ref().is_some_and(|grant| grant.source == request.source)
}

/// To the feed that brought it the very point; to everybody the block in which it lies, since a cold flat or a noisy
/// neighbour is where somebody lives.
fn degrees(place: Point, own: bool) -> (f64, f64) {
    let (lon, lat) = place.degrees();
    let shown =
        |degrees: f64| if own { degrees } else { (degrees * BLOCKS_A_DEGREE).round() / BLOCKS_A_DEGREE };
    (shown(lon), shown(lat))
}

/// What it is about, in the policy's words. The caller's own are sealed and stand nowhere.
fn description(asked: &Asked, request: &Request) -> String {
    let class = asked.in_words(&asked.tongue().class(&request.class));
    let classes = &asked.rules.policy.classes;
    let condition = request.condition.as_ref().and_then(|id| classes.get(&request.class)?.conditions.get(id));
    match condition {
        Some(one) => format!("{class} · {}", asked.in_words(&Words::new(&one.zh, &one.en))),
        None => class,
    }
}

/// The names of the areas in which it lies, the widest first. What somebody wrote as an address is not shown.
fn address(asked: &Asked, area: AreaCode) -> String {
    let (mut names, mut above) = (Vec::new(), Some(area));
    while let Some(area) = above {
        names.insert(0, asked.in_words(&asked.tongue().area(area)));
        above = area.parent();
    }
    names.join(if asked.english { ", " } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_very_point_is_shown_to_who_brought_it_and_the_block_to_everybody() {
        let place = Point::from_degrees(123.288_576_5, 41.252_149_1).expect("on the globe");
        assert_eq!(degrees(place, true), (123.288_576_5, 41.252_149_1));
        assert_eq!(degrees(place, false), (123.289, 41.252));
    }
}

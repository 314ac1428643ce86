//! What a carrier asks and tells about a call: believed by its signature and by the key in the address, both.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::http::Site;
use crate::http::problem::{Problem, failed};
use crate::usecase::call::answer_call::answer_call;
use crate::usecase::call::end_call::end_call;
use crate::usecase::call::ticket::{Spot, Ticket};

use super::twilio::hear;

/// What is said next, or a note that the call is over.
pub async fn step(
    site: web::Data<Site>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let (tenant, part) = path.into_inner();
    let heard = hear(&site, &tenant, &request, payload).await?;
    let (desk, tenant, from) = (&site.desk, &heard.tenant, heard.from.as_str());
    let Ticket { attempt, spot } = Ticket::read(desk, &tenant.id, &part).ok_or_else(Problem::unauthorized)?;
    let pressed = match spot {
        Spot::Start => None,
        Spot::After(place) => Some((place, heard.param("Digits").chars().next())),
        Spot::End => {
            let noted = end_call(desk, &tenant.id, &attempt, heard.param("CallStatus"), from).await;
            noted.map_err(|failure| failed(failure, desk.time.now()))?;
            return Ok(HttpResponse::NoContent().finish());
        }
    };
    let answer = answer_call(desk, &site.post, tenant, &attempt, pressed, from).await;
    let said = answer.map_err(|failure| failed(failure, desk.time.now()))?;
    Ok(HttpResponse::Ok().content_type("text/xml; charset=utf-8").body(said))
}

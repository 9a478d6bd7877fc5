"""The part of Twilio's REST API that the line uses, answered from the mailbox. It sends nothing anywhere."""

from __future__ import annotations

import hmac
import re
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from service.phone.carrier import Carrier, outbound
from service.phone.mailbox import Direction, Mailbox, Message
from service.settings import Settings

ACCOUNTS = "/2010-04-01/Accounts"
LONGEST = 1600

# Twilio's own magic numbers: sending to them fails in these ways, and they belong to nobody.
MAGIC_RECIPIENTS = {
    "+15005550001": (21211, "Invalid 'To' Phone Number: {to}"),
    "+15005550002": (21612, "Cannot route to the 'To' number {to} from this sender"),
    "+15005550003": (21408, "Permission to send to the region of {to} is not enabled"),
    "+15005550004": (21610, "Attempt to send to unsubscribed recipient {to}"),
    "+15005550009": (21614, "'To' number is not a valid mobile number: {to}"),
}


class Refused(Exception):
    """Twilio would answer this request with an error. The message may hold the recipient's number, as Twilio's does."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def blueprint(settings: Settings, mailbox: Mailbox, carrier: Carrier) -> Blueprint:
    """Below `TWILIO_API_URL`. Every request must carry the account's sid and a token, as basic authentication."""
    api = Blueprint("twilio", __name__, url_prefix=f"/twilio{ACCOUNTS}")
    account = settings.account_sid

    @api.before_request
    def demand_the_token() -> None:
        given = request.authorization
        user, token = (given.username or "", given.password or "") if given and given.type == "basic" else ("", "")
        known = [hmac.compare_digest(token.encode(), one.encode()) for one in settings.auth_tokens]
        if user != account or not any(known):
            raise Refused(401, 20003, "Authenticate")
        if request.view_args and request.view_args.pop("account") != account:
            raise _not_found()

    @api.errorhandler(Refused)
    def refuse(error: Refused) -> ResponseReturnValue:
        more = f"https://www.twilio.com/docs/errors/{error.code}"
        told = {"code": error.code, "message": error.message, "more_info": more, "status": error.status}
        return jsonify(told), error.status

    @api.get("/<account>.json")
    def show_account() -> ResponseReturnValue:
        return jsonify(sid=account, friendly_name="Development phone", status="active", type="Full")

    @api.get("/<account>/Balance.json")
    def show_balance() -> ResponseReturnValue:
        return jsonify(account_sid=account, balance="100.00", currency="USD")

    @api.post("/<account>/Messages.json")
    def send() -> ResponseReturnValue:
        kept = mailbox.keep(_sent(settings))
        carrier.deliver_soon(kept, request.form.get("StatusCallback", ""))
        return jsonify(_shape(kept, account)), 201

    @api.get("/<account>/Messages.json")
    def listing() -> ResponseReturnValue:
        _refuse_unknown_filters()
        found = mailbox.between(sender=request.args.get("From", ""), recipient=request.args.get("To", ""))
        return jsonify(_page(found, account))

    @api.get("/<account>/Messages/<sid>.json")
    def show(sid: str) -> ResponseReturnValue:
        message = mailbox.find(sid)
        if message is None:
            raise _not_found()
        return jsonify(_shape(message, account))

    @api.delete("/<account>/Messages/<sid>.json")
    def delete(sid: str) -> ResponseReturnValue:
        if not mailbox.forget(sid):
            raise _not_found()
        return Response(status=204)

    return api


def _sent(settings: Settings) -> Message:
    """The message that the form asks for, or Refused with Twilio's code for what is wrong with it."""
    to, body = request.form.get("To", ""), request.form.get("Body", "")
    sender = request.form.get("From") or settings.sender or request.form.get("MessagingServiceSid", "")
    if not to:
        raise Refused(400, 21604, "A 'To' phone number is required.")
    if to in MAGIC_RECIPIENTS:
        code, message = MAGIC_RECIPIENTS[to]
        raise Refused(400, code, message.format(to=to))
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", to):
        raise Refused(400, 21211, f"Invalid 'To' Phone Number: {to}")
    if not (request.form.get("From") or request.form.get("MessagingServiceSid")):
        raise Refused(400, 21603, "A 'From' phone number is required.")
    if not body:
        raise Refused(400, 21602, "Message body is required.")
    if len(body) > LONGEST:
        raise Refused(400, 21617, f"The concatenated message body exceeds the {LONGEST} character limit.")
    return outbound(Direction.OUTBOUND, sender, to, body)


def _refuse_unknown_filters() -> None:
    """A filter that is silently ignored would show a caller messages that it asked not to see."""
    unknown = sorted(set(request.args) - {"To", "From", "Page", "PageSize", "PageToken"})
    if unknown:
        raise Refused(400, 20001, f"The development phone does not filter by {', '.join(unknown)}.")


def _page(found: list[Message], account: str) -> dict[str, object]:
    page, size = _whole("Page", 0), max(1, min(_whole("PageSize", 50), 1000))
    here, path = found[page * size : (page + 1) * size], f"{ACCOUNTS}/{account}/Messages.json"
    kept = {name: value for name, value in request.args.items() if name in ("To", "From")}
    following = urlencode(kept | {"PageSize": str(size), "Page": str(page + 1)})
    return {
        "messages": [_shape(message, account) for message in here],
        "page": page,
        "page_size": size,
        "uri": path,
        "next_page_uri": f"{path}?{following}" if len(found) > (page + 1) * size else None,
    }


def _whole(name: str, otherwise: int) -> int:
    value = request.args.get(name, "")
    return int(value) if re.fullmatch(r"[0-9]{1,6}", value) else otherwise


def _shape(message: Message, account: str) -> dict[str, object]:
    """As Twilio shows a message. `date_sent` is empty until it is delivered."""
    created = _rfc2822(message.created_at)
    return {
        "sid": message.sid,
        "account_sid": account,
        "direction": message.direction,
        "from": message.sender,
        "to": message.recipient,
        "body": message.text,
        "num_segments": str(message.segments),
        "num_media": str(message.media_count),
        "status": message.status,
        "date_created": created,
        "date_updated": created,
        "date_sent": None if message.status == "queued" else created,
        "error_code": None,
        "error_message": None,
        "messaging_service_sid": None,
        "api_version": "2010-04-01",
        "uri": f"{ACCOUNTS}/{account}/Messages/{message.sid}.json",
    }


def _rfc2822(at: datetime) -> str:
    return format_datetime(at.replace(microsecond=0))


def _not_found() -> Refused:
    return Refused(404, 20404, "The requested resource was not found")

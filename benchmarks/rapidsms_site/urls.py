"""Where texts are posted: RapidSMS's own view, told Twilio's names of the fields."""

from __future__ import annotations

from django.urls import path
from rapidsms.backends.http.views import GenericHttpBackendView

_FIELDS = {"identity_name": "From", "text_name": "Body"}

urlpatterns = [path("sms", GenericHttpBackendView.as_view(backend_name="phone", params=_FIELDS))]

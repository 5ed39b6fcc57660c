"""Django's settings for Torg.

Everything an operator may change comes from the environment (``torg.config.environment``). A project of your own
begins its settings with ``from torg.config.settings import *``.
"""

from typing import Any

import dj_database_url

from torg.backoffice import theme
from torg.config.environment import EVERYWHERE, LOOPBACK_HOSTS, read_environment
from torg.config.logs import configure_logging

ENVIRONMENT = read_environment()
configure_logging(ENVIRONMENT.log_level)
LOGGING_CONFIG = None  # structlog is configured above; Django must not undo it.

SECRET_KEY = ENVIRONMENT.secret_key
DEBUG = ENVIRONMENT.debug
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts
CSRF_TRUSTED_ORIGINS = ENVIRONMENT.csrf_trusted_origins

INSTALLED_APPS = [
    "torg.caching",
    "torg.accounts",
    "torg.catalogue",
    "torg.inventory",
    "torg.pages",
    "torg.backoffice",
    "torg.api",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "corsheaders",
    "pgtrigger",
    "procrastinate.contrib.django",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "torg.config.middleware.RequestIdMiddleware",
    "corsheaders.middleware.CorsMiddleware",  # Before all that may answer, so that pages may read refusals, too.
    "torg.api.health.HealthMiddleware",
    "torg.api.metrics.MetricsMiddleware",
    "torg.config.middleware.HttpsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "torg.config.middleware.BodyLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "torg.config.urls"
WSGI_APPLICATION = "torg.config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

_DATABASE: dict[str, Any] = {**dj_database_url.parse(ENVIRONMENT.database_url)}
# One pooled connection for each thread of a web process; a request gives its connection back when it ends. Commands
# that warm have more of them.
DATABASES: dict[str, Any] = {
    "default": {
        **_DATABASE,
        "ENGINE": "torg.caching.postgresql",
        "OPTIONS": {
            "application_name": "torg",
            "connect_timeout": 5,
            **_DATABASE.get("OPTIONS", {}),  # What the URL says, such as sslmode.
            "pool": {"min_size": 1, "max_size": ENVIRONMENT.connections, "timeout": 10},
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = ENVIRONMENT.redis_url

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = (
    True  # Served from the packages themselves, so there is no collecting step to forget.
)
MEDIA_URL = "/media/"
MEDIA_ROOT = ENVIRONMENT.data_dir / "media"

# HTTPS for everyone but this machine itself: HttpsMiddleware redirects, in place of SECURE_SSL_REDIRECT (W008).
SECURE_HSTS_SECONDS = 31_536_000
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.is_behind_proxy else None
USE_X_FORWARDED_HOST = ENVIRONMENT.is_behind_proxy
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
X_FRAME_OPTIONS = "DENY"
# Whether other subdomains of the merchant speak HTTPS is not for the shop to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]

# Which pages of other origins may read the API. No cookie counts from there: whoever is signed in sends a token.
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_ALL_ORIGINS = ENVIRONMENT.cors_allowed_origins == [EVERYWHERE]
CORS_ALLOWED_ORIGINS = [] if CORS_ALLOW_ALL_ORIGINS else ENVIRONMENT.cors_allowed_origins
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
CORS_ALLOW_HEADERS = (
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "x-cart-token",
    "x-request-id",
    "x-session-token",
)
CORS_EXPOSE_HEADERS = (
    "Age",
    "Cache-Tag",
    "ETag",
    "Idempotent-Replayed",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Cache",
    "X-Cart-Token",
    "X-Request-ID",
)

API_BODY_LIMIT = 1024 * 1024
UPLOAD_BODY_LIMIT = 64 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = API_BODY_LIMIT
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

UNFOLD = theme.UNFOLD
TORG_CURRENCY = ENVIRONMENT.currency
TORG_DATA_DIR = ENVIRONMENT.data_dir
TORG_LOOPBACK_HOSTS = LOOPBACK_HOSTS
TORG_CACHE = ENVIRONMENT.is_caching
TORG_CACHE_MEMORY_MB = ENVIRONMENT.cache_memory_mb
TORG_CACHE_MAX_AGE = ENVIRONMENT.cache_max_age
TORG_CACHE_SECONDS = ENVIRONMENT.cache_seconds
TORG_CACHE_WARM_LIMIT = ENVIRONMENT.cache_warm_limit
TORG_FRESHNESS_MAX_LAG_MS = ENVIRONMENT.freshness_max_lag_ms
TORG_BUILD_VERSION = ENVIRONMENT.build_version
TORG_METRICS_TOKEN = ENVIRONMENT.metrics_token
TORG_COUNTS_ARE_KEPT = True  # Each process adds to Redis what it has counted, once a second.

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
    "EXCEPTION_HANDLER": "torg.api.problems.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}

PROCRASTINATE_IMPORT_PATHS = ["torg.lib.jobs", "torg.caching.warming.tasks"]
CSRF_FAILURE_VIEW = "torg.api.problems.csrf_failure_view"

SPECTACULAR_SETTINGS = {
    "TITLE": "Torg",
    "DESCRIPTION": "A headless commerce backend: never stale, never oversold, two commands.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["torg.api.schema.add_shapes"],
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "displayRequestDuration": True, "tryItOutEnabled": True},
}

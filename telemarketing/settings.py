"""All settings, in one module. Whatever differs between installations comes from the environment.

``.env`` and ``var/local.env`` (written by ``make run``) are read where they exist; what the
environment already holds wins. Secrets have no defaults.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from telemarketing.beat import BEAT_SCHEDULE
from telemarketing.lanes import DEFAULT_QUEUE, ROUTES

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")
VAR_DIR = Path(env.str("VAR_DIR", default="") or BASE_DIR / "var")
env.read_env(env.str("LOCAL_ENV_FILE", default=str(VAR_DIR / "local.env")))

# --- Django ---------------------------------------------------------------------------------------
DEBUG = env.bool("DJANGO_DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)  # allows bootstrap_demo
SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "apps.security",
    "apps.campaigns",
    "apps.arm",
    "apps.filters",
    "apps.ingest",
    "apps.telephony",
    "apps.supervision",
    "apps.reports",
    "apps.read_api",
    "telemarketing",
    "telemarketing.back_office.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
    "csp",
    "django_otp",
]

MIDDLEWARE = [
    "telemarketing.headers.with_headers",
    "telemarketing.api_errors.JsonErrorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "apps.security.throttling.KnownDeviceMiddleware",
]

ROOT_URLCONF = "telemarketing.urls"
WSGI_APPLICATION = "telemarketing.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
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

# The process that serves the back office, where it is one of its own; empty: this one does
BACK_OFFICE_URL = env.str("BACK_OFFICE_URL", default="")
# The process that serves the streams of changes; empty: a stream has one event
CHANGES_URL = env.str("CHANGES_URL", default="")
# For that process: where hasChanges is asked, and how many streams may be open
WEB_URL = env.str("WEB_URL", default="http://127.0.0.1:8000")
CHANGE_STREAMS = env.int("CHANGE_STREAMS", default=2_000)

# --- data -----------------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", engine="common.postgres")}
# The threads of the web and of the workers keep their connections: opening one costs more than most
# requests. Its health is checked at the first query of a request or task.
DATABASES["default"]["CONN_MAX_AGE"] = 600
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

REDIS_URL = env.str("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "tm",
        "VERSION": 2,  # a new number when values of an older release cannot be read any more
        # without Redis every lookup is a miss, and the tables answer
        "OPTIONS": {
            "IGNORE_EXCEPTIONS": True,
            "SOCKET_CONNECT_TIMEOUT": 1,
            "SOCKET_TIMEOUT": 1,
            "CONNECTION_POOL_CLASS": "common.resting_redis.RestingPool",
            # whoever can write to Redis must not be able to run code here, as with pickles
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
        },
    },
}

# --- people ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "security.Operator"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "apps.security.backends.OperatorBackend",
]
PASSWORD_HASHERS = [
    "apps.security.hashing.OneAtATimeArgon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {},
        "MinimumLengthValidator": {"min_length": 12},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
JWT_KEYS = env.list("JWT_KEY")  # the first signs, the tokens of all are accepted
TOKEN_LIFETIME_SECONDS = env.int("TOKEN_LIFETIME_SECONDS", default=8 * 60 * 60)  # a working day
# a log-in more ends the operator's oldest token
TOKENS_PER_OPERATOR = env.int("TOKENS_PER_OPERATOR", default=5)
FIELD_ENCRYPTION_KEYS = env.list("FIELD_ENCRYPTION_KEY")  # the first encrypts, all decrypt

# a session of the back office ends after so long without a page, and after so long in any case
BACK_OFFICE_IDLE_SECONDS = env.int("BACK_OFFICE_IDLE_SECONDS", default=30 * 60)
BACK_OFFICE_SESSION_SECONDS = env.int("BACK_OFFICE_SESSION_SECONDS", default=12 * 60 * 60)
SESSION_COOKIE_AGE = BACK_OFFICE_SESSION_SECONDS
# whether everybody in the back office must have a second factor, or may: required, offered
SECOND_FACTOR = env.str("SECOND_FACTOR", default="required")

# failed log-ins are counted for each login at each address, and on each known device
AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURE_LIMIT", default=10)
# one login from all addresses together, and one address for all logins: all operators may share one
EVERYWHERE_FAILURE_LIMIT = env.int("EVERYWHERE_FAILURE_LIMIT", default=25)
ADDRESS_FAILURE_LIMIT = env.int("ADDRESS_FAILURE_LIMIT", default=50)
# proxies of ours, each of which adds an address to X-Forwarded-For
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
# a process of the back office gets its requests from `web`, which is one proxy more
TRUSTED_PROXIES += env.bool("BEHIND_WEB", default=False)
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_HANDLER = "apps.security.throttling.FailuresOfLogins"
AXES_LOCKOUT_CALLABLE = "apps.security.throttling.shut_out"
AXES_USERNAME_CALLABLE = "apps.security.throttling.counted_login"
AXES_CLIENT_IP_CALLABLE = "apps.security.throttling.client_address"
AXES_USERNAME_FORM_FIELD = "username"
AXES_RESET_ON_SUCCESS = True
# tries during the lock-out do not prolong it, so that Retry-After stays true
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False

# --- language and time ----------------------------------------------------------------------------
LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "common" / "locale"]  # each app has one of its own, too
USE_TZ = True
TIME_ZONE = "Europe/Moscow"  # what people see; the database stores UTC

# --- files ----------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "static-collected"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "telemarketing.static_files.HashedStaticFiles",
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

CONFIG_DIR = Path(env.str("CONFIG_DIR", default=str(BASE_DIR / "config")))
CSV_BASE_FOLDER = Path(env.str("CSV_BASE_FOLDER", default=str(VAR_DIR / "csv")))
# days for which files lie in success and error; 0: until somebody deletes them
CSV_KEEP_DAYS = env.int("CSV_KEEP_DAYS", default=0)

# --- security headers -----------------------------------------------------------------------------
HTTPS = env.bool("HTTPS", default=not DEBUG)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]  # requested from inside, without the proxy
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# the lists of browsers take the whole domain, for months: only an administrator can want that
SECURE_HSTS_PRELOAD = HTTPS and env.bool("HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = [
    "security.W021",  # asks for that
    "axes.W002",  # asks for axes' middleware: KnownDeviceMiddleware derives from it
]
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
# with this prefix a browser takes a cookie from this host alone, over HTTPS, for every path
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
DEVICE_COOKIE_NAME = f"{COOKIE_PREFIX}device"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

# browsers let the pages use none of these, whatever script may run in them
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope"),
        *("magnetometer", "microphone", "midi", "payment", "serial", "usb"),
    )
)

# --- REST -----------------------------------------------------------------------------------------
API_DOCS = env.bool("API_DOCS", default=True)  # the schema and the page that shows it, to anybody
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
}
# how often one operator or service may ask the read API
READ_API_RATE = env.str("READ_API_RATE", default="120/min")
SPECTACULAR_SETTINGS = {
    "TITLE": "Телемаркетинг",
    "DESCRIPTION": "Сервис безопасности, АРМ оператора и API для чтения.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": False,
    "OAS_VERSION": "3.0.3",
    # lets the interactive page send a token
    "APPEND_COMPONENTS": {
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "apps.arm.rest.docs.describe",
        "apps.security.rest.docs.describe",
    ],
}

# --- Celery ---------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # a worker's request waits for a message for a second; nobody waits for an announcement
    "socket_timeout": 3,
    "socket_connect_timeout": 3,
    "max_retries": 0,  # `announce` leaves its messages to the sweeps; workers try again
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = DEFAULT_QUEUE
CELERY_TASK_ROUTES = ROUTES
# a message that a busy worker has reserved could be done by another
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# a child process that has read many large files or judged many batches gives its memory back
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1_000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Celery closes the connection to PostgreSQL after so many tasks, and without a number after each.
# telemarketing.celery closes those that are broken or old instead.
CELERY_DB_REUSE_MAX = 1_000_000_000
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE
CELERY_TIMEZONE = "Europe/Moscow"

# --- what answers the ports of the apps -----------------------------------------------------------
CAMPAIGNS_DIALER = "apps.telephony.queue.dialer.MightyCallDialer"
CAMPAIGNS_CALL_GUARD = "apps.filters.adapters.call_guard.BlacklistGuard"
FILTERS_INCOMING_ROWS = "apps.ingest.refused_rows.RowsOfFiles"
ARM_OPERATOR_SESSIONS = "apps.telephony.sessions.operator_sessions.MightyCallSessions"
ARM_CLIENT_RECORDS = "apps.filters.adapters.client_records.LoanRecords"

# --- services -------------------------------------------------------------------------------------
BLACKLIST_URL = env.str("BLACKLIST_URL", default="")
BLACKLIST_TOKEN = env.str("BLACKLIST_TOKEN", default="")
CASPER_URL = env.str("CASPER_URL", default="")
CASPER_TOKEN = env.str("CASPER_TOKEN", default="")
ABRAM_URL = env.str("ABRAM_URL", default="")
ABRAM_TOKEN = env.str("ABRAM_TOKEN", default="")
MIGHTYCALL_URL = env.str("MIGHTYCALL_URL", default="")
MIGHTYCALL_API_KEY = env.str("MIGHTYCALL_API_KEY", default="")
SERVICE_CONNECT_TIMEOUT_SECONDS = env.float("SERVICE_CONNECT_TIMEOUT_SECONDS", default=2.0)
SERVICE_READ_TIMEOUT_SECONDS = env.float("SERVICE_READ_TIMEOUT_SECONDS", default=5.0)
SERVICE_CONCURRENCY = env.int("SERVICE_CONCURRENCY", default=16)
# each of these may have limits of its own: CASPER_READ_TIMEOUT_SECONDS, ABRAM_CONCURRENCY, …
SERVICE_LIMITS = {
    name: {
        "connect_seconds": env.float(
            f"{name}_CONNECT_TIMEOUT_SECONDS", default=SERVICE_CONNECT_TIMEOUT_SECONDS
        ),
        "read_seconds": env.float(
            f"{name}_READ_TIMEOUT_SECONDS", default=SERVICE_READ_TIMEOUT_SECONDS
        ),
        "concurrency": env.int(f"{name}_CONCURRENCY", default=SERVICE_CONCURRENCY),
    }
    for name in ("BLACKLIST", "CASPER", "ABRAM")
}
# how long the circuit breaker of a failing service stays open
SERVICE_REST_SECONDS = env.float("SERVICE_REST_SECONDS", default=15.0)
# how old BlackList's last answer may be when a task is handed to telephony
BLACKLIST_FRESH_HOURS = env.float("BLACKLIST_FRESH_HOURS", default=24.0)
# how long an application waits for a service that fails
SERVICE_PATIENCE_HOURS = env.float("SERVICE_PATIENCE_HOURS", default=24.0)
# so long finished dry runs are kept, with what came of them
DRY_RUN_DAYS = env.int("DRY_RUN_DAYS", default=90)
# the first pause between two tries of a waiting verdict
SERVICE_RETRY_SECONDS = env.float("SERVICE_RETRY_SECONDS", default=30.0)

# at most so many pollers share the operators
TELEPHONY_SHARDS = env.int("TELEPHONY_SHARDS", default=8)
# at most so many senders send calls at the same time
TELEPHONY_SENDERS = env.int("TELEPHONY_SENDERS", default=4)
# after so long without an event of a call, MightyCall is asked about it
TELEPHONY_RECONCILE_SECONDS = env.int("TELEPHONY_RECONCILE_SECONDS", default=300)
# so long the ids of events are kept: longer than MightyCall's feeds go back
TELEPHONY_EVENT_DAYS = env.int("TELEPHONY_EVENT_DAYS", default=30)

# the time for the result after a call [source 2.6.5]
RESULT_SECONDS = env.int("RESULT_SECONDS", default=60)
# how long after the first saving operators may correct their own results
CORRECTION_SECONDS = env.int("CORRECTION_SECONDS", default=10 * 60)

# how phones leave the ARM's API: `full`, for client applications of the company, or `masked`
ARM_PHONES = env.str("ARM_PHONES", default="full")
# whether an operator may ask for the number of the present client, and how often
ARM_REVEAL_PHONE = env.bool("ARM_REVEAL_PHONE", default=True)
ARM_REVEALS = env.str("ARM_REVEALS", default="60/hour")

# --- metrics --------------------------------------------------------------------------------------
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # empty: there is no /metrics
METRICS_COLLECTORS = [
    "apps.campaigns.metrics.EngineCollector",
    "apps.filters.metrics.JudgingCollector",
    "apps.ingest.metrics.IncomingFileCollector",
    "apps.security.metrics.AccessLogCollector",
]

# --- logs: ids and counts, never phones, names, passports, tokens or passwords --------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "telemarketing.logs.DiscreetFormatter",
            "fmt": "{asctime} {levelname} {name} {message}",
            "style": "{",
        },
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "axes": {"level": "WARNING"},  # it logs three lines for every log-in
        # Django's own handlers would write lines a second time, unmasked
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
    },
}

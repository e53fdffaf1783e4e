//! The published errors that this server gives: code, HTTP status and summary template.
//!
//! When which of them is given is decided by the operations.

/// One entry of the published error catalogue.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The code, such as `E0000004`.
    pub(crate) code: &'static str,
    /// The HTTP status that goes with the code.
    pub(crate) status: u16,
    /// The summary; `{0}` stands for a text that depends on the request.
    pub(crate) summary: &'static str,
}

macro_rules! catalogue {
    ($($(#[doc = $text:literal])* $name:ident = $code:literal, $status:literal, $summary:literal;)*) => {
        $($(#[doc = $text])* pub(crate) const $name: Problem =
            Problem { code: $code, status: $status, summary: $summary };)*

        /// Every entry, for the fault hook.
        const ENTRIES: &[Problem] = &[$($name),*];
    };
}

catalogue! {
    /// A member of the request is missing or wrong.
    VALIDATION = "E0000001", 400, "Api validation failed: {0}";
    /// The body can't be read.
    NOT_WELL_FORMED = "E0000003", 400, "The request body was not well-formed.";
    /// Wrong credentials, or anything that must look like it.
    AUTHENTICATION = "E0000004", 401, "Authentication failed";
    /// A session that isn't one.
    INVALID_SESSION = "E0000005", 403, "Invalid session";
    /// The caller may not do this.
    FORBIDDEN = "E0000006", 403, "You do not have permission to perform the requested action";
    /// A resource that doesn't exist.
    NOT_FOUND = "E0000007", 404, "Not found: {0}";
    /// A path that doesn't exist.
    UNKNOWN_PATH = "E0000008", 404, "The requested path was not found";
    /// The server failed.
    INTERNAL = "E0000009", 500, "Internal Server Error";
    /// An API, state or recovery token that isn't valid.
    INVALID_TOKEN = "E0000011", 401, "Invalid token provided";
    /// Credentials could not be changed.
    CREDENTIALS_UPDATE = "E0000014", 403, "Update of credentials failed";
    /// A feature that the org doesn't have.
    FEATURE = "E0000015", 401, "You do not have permission to access the feature you are requesting";
    /// A user who can't be activated.
    ACTIVATION = "E0000016", 403, "Activation failed because the user is already active";
    /// An Accept header that can't be satisfied.
    NOT_ACCEPTABLE = "E0000019", 400, "Bad request. Accept and/or Content-Type headers likely do not match supported values.";
    /// A body of another media type.
    MEDIA_TYPE = "E0000021", 400, "Bad request.  Accept and/or Content-Type headers likely do not match supported values.";
    /// A method that the path doesn't have.
    METHOD = "E0000022", 405, "The endpoint does not support the provided HTTP method";
    /// A required query parameter is missing.
    MISSING_PARAMETER = "E0000028", 400, "The request is missing a required parameter.";
    /// A cursor that no page gave out.
    PAGING = "E0000029", 400, "Invalid paging request.";
    /// A search expression that can't be read.
    SEARCH = "E0000031", 400, "Invalid search criteria.";
    /// A user who can't be unlocked.
    UNLOCK = "E0000032", 403, "Unlock is not allowed for this user.";
    /// A query together with a filter.
    SEARCH_AND_FILTER = "E0000033", 400, "Bad request. Can't specify a search query and filter in the same request.";
    /// A user whose forgotten password can't be recovered.
    FORGOT_PASSWORD = "E0000034", 403, "Forgot password not allowed on specified user.";
    /// A user whose password can't be changed.
    CHANGE_PASSWORD = "E0000035", 403, "Change password not allowed on specified user.";
    /// A user whose recovery question can't be changed.
    CHANGE_QUESTION = "E0000036", 403, "Change recovery question not allowed on specified user.";
    /// A query parameter of another type.
    TYPE_MISMATCH = "E0000037", 400, "Type mismatch exception. {0}";
    /// A lifecycle operation from the wrong status.
    USER_STATUS = "E0000038", 403, "This operation is not allowed in the user's current status.";
    /// Too many requests.
    RATE_LIMIT = "E0000047", 429, "API call exceeded rate limit due to too many requests.";
    /// An expired password where no transaction can change it.
    PASSWORD_EXPIRED = "E0000064", 401, "Password is expired and must be changed.";
    /// A wrong passcode or answer.
    PASSCODE = "E0000068", 403, "Invalid Passcode/Answer";
    /// Too many wrong passcodes.
    USER_LOCKED = "E0000069", 403, "User Locked";
    /// An attribute that can't be changed.
    READ_ONLY = "E0000077", 403, "Cannot modify the {0} attribute because it is read-only.";
    /// An operation that the state of the transaction doesn't have.
    STATE = "E0000079", 403, "This operation is not allowed in the current authentication state.";
    /// A password against the policy.
    COMPLEXITY = "E0000080", 403, "The password does not meet the complexity requirements of the current password policy.";
    /// A wrong answer to the recovery question.
    RECOVERY_ANSWER = "E0000087", 403, "The recovery question answer did not match our records.";
    /// More targets than one request may name.
    TOO_MANY_TARGETS = "E0000093", 400, "Target count limit exceeded";
    /// Recovery of a user who doesn't exist.
    RECOVERY_UNKNOWN_USER = "E0000095", 403, "Recovery not allowed for unknown user.";
    /// A recovery link that was used before.
    RECOVERY_LINK = "E0000105", 403, "You have accessed an account recovery link that has expired or been previously used.";
    /// Recovery of a locked user.
    RECOVERY_LOCKED = "E0000119", 403, "Your account is locked. Please contact your administrator.";
    /// An expired password on creation, but no password.
    EXPIRE_WITHOUT_PASSWORD = "E0000124", 400, "Could not create user. To create a user and expire their password immediately, a password must be specified";
    /// An expired password on creation, but no activation.
    EXPIRE_WITHOUT_ACTIVATION = "E0000125", 400, "Could not create user. To create a user and expire their password immediately, \"activate\" must be true";
}

/// The entry with this code, if this server knows it.
pub(crate) fn by_code(code: &str) -> Option<&'static Problem> {
    ENTRIES.iter().find(|problem| problem.code == code)
}

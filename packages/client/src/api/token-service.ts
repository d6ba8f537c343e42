// Generated from the OpenAPI file by `pnpm run api`. Not edited by hand.

export interface components {
    schemas: {
        TokenOwner: {
            /** @enum {string} */
            type: "district";
            /** @description The district’s id: store it, and fetch the token anew when it is refused */
            id: string;
        };
        TokenEntry: {
            id: string;
            /** Format: date-time */
            created: string;
            owner: components["schemas"]["TokenOwner"];
            /** @description The token itself: the bearer secret of this app in this district. Absent where the app’s setting does not show it. */
            access_token?: string;
            /** @description As much of the token as people and logs may see */
            masked: string;
            scopes: string[];
            /**
             * Format: date-time
             * @description When the token or its grant last changed
             */
            updated: string;
            /** Format: date-time */
            expires: string | null;
        };
        TokenListLink: {
            rel: string;
            uri: string;
        };
        TokenListResponse: {
            data: components["schemas"]["TokenEntry"][];
            links: components["schemas"]["TokenListLink"][];
        };
        TokenForm: {
            client_id?: string;
            client_secret?: string;
            /** @description A JWT signed by one of the app’s public keys (RFC 7523) */
            client_assertion?: string;
            /** @enum {string} */
            client_assertion_type?: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
            /** @enum {string} */
            grant_type: "client_credentials" | "authorization_code";
            /** @description The district, as <data API>/districts/<id> (RFC 8707) */
            resource?: string;
            /** @description The district, by its id */
            district?: string;
            code?: string;
            redirect_uri?: string;
        };
        AccessTokenResponse: {
            access_token: string;
            token_type: string;
            /** @description Seconds; absent of a district’s lasting token */
            expires_in?: number;
            scope?: string;
            /** @description The district’s id */
            district: string;
        };
        CodeForm: {
            client_id?: string;
            client_secret?: string;
            /** @description A JWT signed by one of the app’s public keys (RFC 7523) */
            client_assertion?: string;
            /** @enum {string} */
            client_assertion_type?: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
            /** @enum {string} */
            grant_type: "authorization_code";
            /** @description The code that was sent to the app’s redirect URI, within a minute */
            code: string;
            /** @description The URI that it was sent to */
            redirect_uri: string;
        };
        TokenReferenceForm: {
            client_id?: string;
            client_secret?: string;
            /** @description A JWT signed by one of the app’s public keys (RFC 7523) */
            client_assertion?: string;
            /** @enum {string} */
            client_assertion_type?: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
            token: string;
            token_type_hint?: string;
        };
        IntrospectionResponse: {
            active: boolean;
            token_type?: string;
            client_id?: string;
            scope?: string;
            iss?: string;
            /** @description The district as a resource */
            aud?: string;
            /** @description The grant’s id */
            sub?: string;
            /** @description The token’s id */
            jti?: string;
            /** @description The district’s id */
            district?: string;
            iat?: number;
            exp?: number;
        };
        TokenInfoResponse: {
            client_id: string;
            scopes: string[];
        };
        UseResponse: {
            /** @description Empty: several, counted together */
            address: string;
            userAgent: string;
            /** Format: date-time */
            firstAt: string;
            /** Format: date-time */
            lastAt: string;
            uses: number;
        };
        TokenResponse: {
            id: string;
            districtId: string;
            grantId: string;
            masked: string;
            /** @enum {string} */
            state: "live" | "retired" | "expired" | "revoked";
            /** Format: date-time */
            createdAt: string;
            /** @description The token whose place it took */
            replaces: string | null;
            /**
             * Format: date-time
             * @description When it was first used; within a minute
             */
            confirmedAt: string | null;
            /**
             * Format: date-time
             * @description When the grace ends in which it goes on beside its successor
             */
            retiresAt: string | null;
            /** Format: date-time */
            expiresAt: string | null;
            /** Format: date-time */
            revokedAt: string | null;
            /** @description From where it was used, the latest first; within a minute */
            uses: components["schemas"]["UseResponse"][];
        };
        TokensPage: {
            data: components["schemas"]["TokenResponse"][];
            next: string | null;
        };
        RotateRequest: {
            /** @default 86400 */
            graceSeconds: number;
            /**
             * @description Whether the grace of the present one counts from now, or from the first use of the new one
             * @default at-once
             * @enum {string}
             */
            start: "at-once" | "on-first-use";
        };
        RotatedTokenResponse: {
            id: string;
            /** @description The new token; absent where the app’s setting does not show it */
            token?: string;
            masked: string;
            replaces: string;
            /**
             * Format: date-time
             * @description When the present one retires; null: so long after the first use of the new one
             */
            retiresAt: string | null;
        };
        GraceRequest: {
            /** @description Seconds from now until it retires; 0 ends it at once */
            graceSeconds: number;
        };
        RevealedTokenResponse: {
            id: string;
            /** @description The token itself */
            token: string;
        };
        TokenTrialRequest: {
            /**
             * @description What is read: a path of the data API, with its version and query
             * @default /v3.1/schools?limit=1
             */
            path: string;
        };
        TokenTrialResponse: {
            /** @description The address that was called */
            url: string;
            /** @description Method and path of the call that was made */
            request: string;
            status: number;
            milliseconds: number;
            headers: {
                [key: string]: string;
            };
            /** @description As it was answered, cut at 200,000 characters */
            body: string;
        };
        RevokedTokenResponse: {
            token: components["schemas"]["TokenResponse"];
            /** @description The id of the token that takes its place */
            successorId: string | null;
        };
        GrantResponse: {
            id: string;
            appId: string;
            districtId: string;
            /** @enum {string} */
            status: "requested" | "active" | "paused" | "revoked";
            /**
             * @description app: its consent; publication: what was chosen is being made ready, which ends by itself
             * @enum {string|null}
             */
            awaits: "app" | "publication" | null;
            /** @description Which records */
            selection: {
                [key: string]: unknown;
            };
            /** @description Which fields, by kind */
            fields: {
                [key: string]: unknown;
            };
            /** Format: date-time */
            startsAt: string | null;
            /** Format: date-time */
            endsAt: string | null;
            /** @description While it is changed the grant answers 503 */
            isNarrowing: boolean;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            changedAt: string;
        };
        GrantsPage: {
            data: components["schemas"]["GrantResponse"][];
            next: string | null;
        };
        InviteRequest: {
            /** @description The district that is invited; whoever holds the code, when left out */
            districtId?: string;
            /** @description What the district’s people read beside it */
            note?: string;
            /** @default 30 */
            days: number;
        };
        MadeInvitationResponse: {
            id: string;
            appId: string;
            districtId: string | null;
            note: string;
            /** @enum {string} */
            state: "open" | "accepted" | "withdrawn" | "expired";
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt: string;
            /** @description The grant that came of it */
            grantId: string | null;
            /** @description Shown this once */
            code: string;
            /** @description The link for the district’s administrator; the code stands behind # */
            url: string;
        };
        InvitationResponse: {
            id: string;
            appId: string;
            districtId: string | null;
            note: string;
            /** @enum {string} */
            state: "open" | "accepted" | "withdrawn" | "expired";
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt: string;
            /** @description The grant that came of it */
            grantId: string | null;
        };
        InvitationsPage: {
            data: components["schemas"]["InvitationResponse"][];
            next: string | null;
        };
        DistrictResponse: {
            id: string;
            name: string;
            /** Format: date-time */
            lastImportAt: string | null;
        };
        ListedAppResponse: {
            id: string;
            name: string;
            partner: string;
            /** @description What it asks for and why, in its own words */
            purpose: string;
            /** @description The fields that it asks for, by kind */
            requestedFields: {
                [key: string]: unknown;
            };
            /** @description Those that it cannot do without */
            requiredFields: {
                [key: string]: unknown;
            };
            /**
             * @description Whether it shares at once with a district that asks
             * @enum {string}
             */
            signup: "at-once" | "by-hand";
            /** @description Whether it may be asked; else the district has a grant of it, or an invitation */
            isListed: boolean;
        };
        ListedAppsPage: {
            data: components["schemas"]["ListedAppResponse"][];
            next: string | null;
        };
        InvitationWithApp: {
            id: string;
            appId: string;
            districtId: string | null;
            note: string;
            /** @enum {string} */
            state: "open" | "accepted" | "withdrawn" | "expired";
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt: string;
            /** @description The grant that came of it */
            grantId: string | null;
            app: components["schemas"]["ListedAppResponse"];
        };
        InvitationsWithApps: {
            data: components["schemas"]["InvitationWithApp"][];
        };
        InvitationCode: {
            /** @description The code that the link carries behind # */
            code: string;
        };
        AcceptInvitationRequest: {
            /**
             * @description Which records: {"type": "everything"}, {"type": "schools", "schoolIds": […]}, {"type": "sections", "sectionIds": […]}, or {"type": "rules", "rules": [{"kind", "conditions": [{"attribute", "operator", "values": […]}]}]}: what any rule chooses is shared. Operators: is, is-not, contains, in. Attributes: section: name, grade, subject, period, section_number, school, term, course; student: grade, graduation_year, gender, ell_status, student_number, school, email; teacher: title, teacher_number, school, email; staff: title, department, staff_id, school, email.
             * @example {
             *       "type": "rules",
             *       "rules": [
             *         {
             *           "kind": "section",
             *           "conditions": [
             *             {
             *               "attribute": "subject",
             *               "operator": "is",
             *               "values": [
             *                 "math"
             *               ]
             *             }
             *           ]
             *         }
             *       ]
             *     }
             */
            selection?: {
                [key: string]: unknown;
            };
            /**
             * @description Fields to hide, as kind.field
             * @example [
             *       "student.dob",
             *       "user.email"
             *     ]
             */
            hideFields?: string[];
            /** @description From this instant on; at once by default */
            startsAt?: Record<string, never>;
            /** @description Until this instant; without end by default */
            endsAt?: Record<string, never>;
            /** @description The code that the link carries behind #; or else invitationId */
            code?: string;
            /** @description Of an invitation that names this district */
            invitationId?: string;
        };
        RecordsRequest: {
            /**
             * @description Which records: {"type": "everything"}, {"type": "schools", "schoolIds": […]}, {"type": "sections", "sectionIds": […]}, or {"type": "rules", "rules": [{"kind", "conditions": [{"attribute", "operator", "values": […]}]}]}: what any rule chooses is shared. Operators: is, is-not, contains, in. Attributes: section: name, grade, subject, period, section_number, school, term, course; student: grade, graduation_year, gender, ell_status, student_number, school, email; teacher: title, teacher_number, school, email; staff: title, department, staff_id, school, email.
             * @example {
             *       "type": "rules",
             *       "rules": [
             *         {
             *           "kind": "section",
             *           "conditions": [
             *             {
             *               "attribute": "subject",
             *               "operator": "is",
             *               "values": [
             *                 "math"
             *               ]
             *             }
             *           ]
             *         }
             *       ]
             *     }
             */
            selection?: {
                [key: string]: unknown;
            };
            /** @description A part of the name */
            search?: string;
            /** @description The `next` of the page before */
            after?: string;
            /** @default 20 */
            limit: number;
            /** @enum {string} */
            kind: "school" | "term" | "course" | "section" | "resource" | "student" | "teacher" | "staff" | "contact" | "district_admin";
        };
        PreviewRecordResponse: {
            id: string;
            /** @description Its name, as far as the app may see it */
            title: string;
            /** @description Exactly what the app would be served */
            document: {
                [key: string]: unknown;
            };
        };
        PreviewPageResponse: {
            records: components["schemas"]["PreviewRecordResponse"][];
            next: string | null;
        };
        PreviewRequestBody: {
            /**
             * @description Which records: {"type": "everything"}, {"type": "schools", "schoolIds": […]}, {"type": "sections", "sectionIds": […]}, or {"type": "rules", "rules": [{"kind", "conditions": [{"attribute", "operator", "values": […]}]}]}: what any rule chooses is shared. Operators: is, is-not, contains, in. Attributes: section: name, grade, subject, period, section_number, school, term, course; student: grade, graduation_year, gender, ell_status, student_number, school, email; teacher: title, teacher_number, school, email; staff: title, department, staff_id, school, email.
             * @example {
             *       "type": "rules",
             *       "rules": [
             *         {
             *           "kind": "section",
             *           "conditions": [
             *             {
             *               "attribute": "subject",
             *               "operator": "is",
             *               "values": [
             *                 "math"
             *               ]
             *             }
             *           ]
             *         }
             *       ]
             *     }
             */
            selection?: {
                [key: string]: unknown;
            };
            /**
             * @description Fields to hide, as kind.field
             * @example [
             *       "student.dob",
             *       "user.email"
             *     ]
             */
            hideFields?: string[];
            /** @description From this instant on; at once by default */
            startsAt?: Record<string, never>;
            /** @description Until this instant; without end by default */
            endsAt?: Record<string, never>;
            /**
             * @description Hidden fields to show again, as kind.field, of those that the app asked for
             * @example [
             *       "student.dob"
             *     ]
             */
            showFields?: string[];
            /** @description A part of the name */
            search?: string;
            /** @description The `next` of the page before */
            after?: string;
            /** @default 20 */
            limit: number;
            /** @description The app to share with; one of appId, code and grantId */
            appId?: string;
            /** @description The code of an invitation’s link */
            code?: string;
            /** @description The grant to change */
            grantId?: string;
            /**
             * @description Of which kind records are wanted; absent: counts alone
             * @enum {string}
             */
            kind?: "school" | "term" | "course" | "section" | "resource" | "student" | "teacher" | "staff" | "contact" | "district_admin";
            /**
             * @description Records that the app sees now and would see no more
             * @default false
             */
            vanishing: boolean;
        };
        PreviewCountResponse: {
            /** @enum {string} */
            kind: "school" | "term" | "course" | "section" | "resource" | "student" | "teacher" | "staff" | "contact" | "district_admin";
            /** @description What the app would see */
            shown: number;
            /** @description What the district has */
            of: number;
            /** @description What the app sees now and would see no more */
            vanishing: number;
        };
        PreviewResponse: {
            counts: components["schemas"]["PreviewCountResponse"][];
            /** @description The fields that would be shared, by kind */
            fields: {
                [key: string]: unknown;
            };
            page: components["schemas"]["PreviewPageResponse"] | null;
        };
        AskAppRequest: {
            /**
             * @description Which records: {"type": "everything"}, {"type": "schools", "schoolIds": […]}, {"type": "sections", "sectionIds": […]}, or {"type": "rules", "rules": [{"kind", "conditions": [{"attribute", "operator", "values": […]}]}]}: what any rule chooses is shared. Operators: is, is-not, contains, in. Attributes: section: name, grade, subject, period, section_number, school, term, course; student: grade, graduation_year, gender, ell_status, student_number, school, email; teacher: title, teacher_number, school, email; staff: title, department, staff_id, school, email.
             * @example {
             *       "type": "rules",
             *       "rules": [
             *         {
             *           "kind": "section",
             *           "conditions": [
             *             {
             *               "attribute": "subject",
             *               "operator": "is",
             *               "values": [
             *                 "math"
             *               ]
             *             }
             *           ]
             *         }
             *       ]
             *     }
             */
            selection?: {
                [key: string]: unknown;
            };
            /**
             * @description Fields to hide, as kind.field
             * @example [
             *       "student.dob",
             *       "user.email"
             *     ]
             */
            hideFields?: string[];
            /** @description From this instant on; at once by default */
            startsAt?: Record<string, never>;
            /** @description Until this instant; without end by default */
            endsAt?: Record<string, never>;
            appId: string;
        };
        ChangeGrantRequest: {
            /**
             * @description Which records: {"type": "everything"}, {"type": "schools", "schoolIds": […]}, {"type": "sections", "sectionIds": […]}, or {"type": "rules", "rules": [{"kind", "conditions": [{"attribute", "operator", "values": […]}]}]}: what any rule chooses is shared. Operators: is, is-not, contains, in. Attributes: section: name, grade, subject, period, section_number, school, term, course; student: grade, graduation_year, gender, ell_status, student_number, school, email; teacher: title, teacher_number, school, email; staff: title, department, staff_id, school, email.
             * @example {
             *       "type": "rules",
             *       "rules": [
             *         {
             *           "kind": "section",
             *           "conditions": [
             *             {
             *               "attribute": "subject",
             *               "operator": "is",
             *               "values": [
             *                 "math"
             *               ]
             *             }
             *           ]
             *         }
             *       ]
             *     }
             */
            selection?: {
                [key: string]: unknown;
            };
            /**
             * @description Fields to hide, as kind.field
             * @example [
             *       "student.dob",
             *       "user.email"
             *     ]
             */
            hideFields?: string[];
            /** @description From this instant on; at once by default */
            startsAt?: Record<string, never>;
            /** @description Until this instant; without end by default */
            endsAt?: Record<string, never>;
            /**
             * @description Hidden fields to show again, as kind.field, of those that the app asked for
             * @example [
             *       "student.dob"
             *     ]
             */
            showFields?: string[];
        };
        AccessLogApp: {
            id: string;
            name: string;
        };
        AccessLogLine: {
            /**
             * Format: date
             * @description In UTC
             */
            day: string;
            app: components["schemas"]["AccessLogApp"];
            /**
             * @description With which kind of credential
             * @enum {string}
             */
            credentialType: "token" | "api-key";
            /** @enum {string} */
            kind: "school" | "term" | "course" | "user" | "section" | "resource";
            /** @description The answers that held any records of the kind */
            calls: number;
            /** @description The records in them; one that was sent twice counts twice */
            records: number;
        };
        AccessLogPage: {
            /** @description The newest day first */
            data: components["schemas"]["AccessLogLine"][];
            next: string | null;
        };
        ExposureReport: {
            /** @description The secret as it was found */
            token: string;
        };
        ReceivedReport: {
            /** @enum {string} */
            status: "received";
        };
        CreateWebhookRequest: {
            /** @example https://example.com/hallpass */
            url: string;
            /** @description Which events it is told of; all, when there are none */
            types?: ("grant.requested" | "grant.approved" | "grant.narrowed" | "grant.paused" | "grant.resumed" | "grant.revoked" | "token.issued" | "token.rotated" | "token.expiring" | "token.expired" | "token.revoked" | "token.exposed" | "reveal.unusual" | "key.announced" | "key.slowed" | "key.brownout" | "key.refused" | "key.ending" | "key.digest" | "roster.imported" | "roster.held")[];
            description?: string;
        };
        CreatedWebhookResponse: {
            id: string;
            url: string;
            types: ("grant.requested" | "grant.approved" | "grant.narrowed" | "grant.paused" | "grant.resumed" | "grant.revoked" | "token.issued" | "token.rotated" | "token.expiring" | "token.expired" | "token.revoked" | "token.exposed" | "reveal.unusual" | "key.announced" | "key.slowed" | "key.brownout" | "key.refused" | "key.ending" | "key.digest" | "roster.imported" | "roster.held")[];
            description: string;
            isEnabled: boolean;
            /**
             * Format: date-time
             * @description When its receiver answered 410, and it was disabled
             */
            goneAt: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            changedAt: string;
            /** @description Signs what is sent to it. Shown this once */
            secret: string;
        };
        WebhookResponse: {
            id: string;
            url: string;
            types: ("grant.requested" | "grant.approved" | "grant.narrowed" | "grant.paused" | "grant.resumed" | "grant.revoked" | "token.issued" | "token.rotated" | "token.expiring" | "token.expired" | "token.revoked" | "token.exposed" | "reveal.unusual" | "key.announced" | "key.slowed" | "key.brownout" | "key.refused" | "key.ending" | "key.digest" | "roster.imported" | "roster.held")[];
            description: string;
            isEnabled: boolean;
            /**
             * Format: date-time
             * @description When its receiver answered 410, and it was disabled
             */
            goneAt: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            changedAt: string;
        };
        WebhookListResponse: {
            data: components["schemas"]["WebhookResponse"][];
        };
        ChangeWebhookRequest: {
            /** @example https://example.com/hallpass */
            url?: string;
            /** @description Which events it is told of; all, when there are none */
            types?: ("grant.requested" | "grant.approved" | "grant.narrowed" | "grant.paused" | "grant.resumed" | "grant.revoked" | "token.issued" | "token.rotated" | "token.expiring" | "token.expired" | "token.revoked" | "token.exposed" | "reveal.unusual" | "key.announced" | "key.slowed" | "key.brownout" | "key.refused" | "key.ending" | "key.digest" | "roster.imported" | "roster.held")[];
            description?: string;
            /** @description A webhook that is disabled is told of nothing; what is due to it waits */
            isEnabled?: boolean;
        };
        RotateSecretRequest: {
            /** @default 86400 */
            graceSeconds: number;
            /**
             * @description Whether the grace of the present one counts from now, or from the first use of the new one
             * @default at-once
             * @enum {string}
             */
            start: "at-once" | "on-first-use";
            /** @description After so many days the new one ends */
            ageDays?: number;
        };
        RotatedSecretResponse: {
            /** @description The new secret. Shown this once */
            secret: string;
            /**
             * Format: date-time
             * @description Until when the secret before it signs as well
             */
            previousEndsAt: string | null;
        };
        DeliveryAttempt: {
            /** Format: date-time */
            at: string;
            httpStatus: number | null;
            /** @enum {string|null} */
            error: "dns" | "address-refused" | "connection" | "tls" | "timeout" | "redirect" | "status" | "seal" | null;
            milliseconds: number;
        };
        DeliveryResponse: {
            id: string;
            /** @enum {string} */
            status: "pending" | "delivered" | "dead";
            eventId: string;
            /** @enum {string} */
            eventType: "grant.requested" | "grant.approved" | "grant.narrowed" | "grant.paused" | "grant.resumed" | "grant.revoked" | "token.issued" | "token.rotated" | "token.expiring" | "token.expired" | "token.revoked" | "token.exposed" | "reveal.unusual" | "key.announced" | "key.slowed" | "key.brownout" | "key.refused" | "key.ending" | "key.digest" | "roster.imported" | "roster.held" | "webhook.test";
            /** Format: date-time */
            eventAt: string;
            /**
             * Format: date-time
             * @description When it is tried next, while it is pending
             */
            dueAt: string | null;
            /** Format: date-time */
            endedAt: string | null;
            attempts: components["schemas"]["DeliveryAttempt"][];
        };
        DeliveryListResponse: {
            data: components["schemas"]["DeliveryResponse"][];
            /** @description Pass it as `startingAfter` for the page that follows; null on the last */
            next: string | null;
        };
        ReplayRequest: {
            /**
             * Format: date-time
             * @description All dead deliveries of events since then are tried anew
             */
            since: string;
        };
        ReplayResponse: {
            /** @description How many deliveries have begun anew */
            replayed: number;
        };
        PlatformEventEntry: {
            /** @description The same by webhook: whoever has it already has had this event */
            id: string;
            /** @enum {string} */
            type: "grant.requested" | "grant.approved" | "grant.narrowed" | "grant.paused" | "grant.resumed" | "grant.revoked" | "token.issued" | "token.rotated" | "token.expiring" | "token.expired" | "token.revoked" | "token.exposed" | "reveal.unusual" | "key.announced" | "key.slowed" | "key.brownout" | "key.refused" | "key.ending" | "key.digest" | "roster.imported" | "roster.held" | "webhook.test";
            /** Format: date-time */
            at: string;
            districtId: string | null;
            /** @description Ids, dates and numbers */
            data: {
                [key: string]: unknown;
            };
        };
        PlatformEventsResponse: {
            data: components["schemas"]["PlatformEventEntry"][];
            /** @description Pass it as `after`: always given, for there will be more */
            next: string;
        };
        StageResponse: {
            /** @enum {string} */
            stage: "open" | "announced" | "slowed" | "brownout" | "refused";
            /** @description In stage slowed: the rate in force */
            requestsPerMinute?: number;
            /** @description A rate that is tried and refuses nobody yet */
            triedPerMinute?: number;
            /**
             * Format: date-time
             * @description In a brownout: its end
             */
            until?: string;
        };
        NextStageResponse: {
            /** Format: date-time */
            at: string;
            stage: components["schemas"]["StageResponse"];
        };
        GivenTimeResponse: {
            /** Format: date-time */
            until: string;
            reason: string;
        };
        CallsOfDayResponse: {
            /** Format: date */
            day: string;
            keyCalls: number;
            /** @description Those of them that were answered 401 or 429 */
            keyRefused: number;
            tokenCalls: number;
        };
        KeyRouteResponse: {
            route: string;
            calls: number;
        };
        KeyPlaceResponse: {
            keyId: string;
            masked: string;
            address: string;
            userAgent: string;
            /** Format: date-time */
            lastAt: string;
            uses: number;
        };
        DistrictMigrationResponse: {
            districtId: string;
            districtName: string;
            /** Format: date-time */
            tokenIssuedAt: string | null;
            /** Format: date-time */
            tokenUsedAt: string | null;
            /** @description Whether its token was used within 14 days */
            isOnTokens: boolean;
            /** @description Calls with its token in the last 7 days */
            tokenCalls: number;
            /** @description Answers to a key that held its records, in the last 7 days */
            keyCalls: number;
        };
        MigrationDetailResponse: {
            appId: string;
            appName: string;
            partnerId: string;
            partnerName: string;
            /** @enum {string} */
            readiness: "not-started" | "moving" | "ready" | "idle" | "done";
            /** @description What its people do next */
            nextStep: string;
            stage: components["schemas"]["StageResponse"];
            next: components["schemas"]["NextStageResponse"] | null;
            /**
             * Format: date-time
             * @description When its keys end; null while no day is set
             */
            endsAt: string | null;
            daysLeft: number | null;
            extension: components["schemas"]["GivenTimeResponse"] | null;
            hasOwnPlan: boolean;
            liveKeys: number;
            /** Format: date-time */
            keyUsedAt: string | null;
            /** Format: date-time */
            tokenUsedAt: string | null;
            /** @description Districts whose grant is active */
            districts: number;
            districtsWithToken: number;
            /** @description Districts whose token was used within 14 days */
            districtsOnTokens: number;
            /** @description Of the last 7 days */
            keyCalls: number;
            /** @description Of the last 7 days */
            tokenCalls: number;
            /** @description Part of the calls that come with tokens, 0 to 1 */
            shareMoved: number | null;
            /** @description The last 30 days */
            days: components["schemas"]["CallsOfDayResponse"][];
            /** @description What it still asks for with a key, in 14 days */
            keyRoutes: components["schemas"]["KeyRouteResponse"][];
            /** @description From where it signs in with a key */
            keyPlaces: components["schemas"]["KeyPlaceResponse"][];
            byDistrict: components["schemas"]["DistrictMigrationResponse"][];
        };
        UsageDay: {
            /** Format: date */
            day: string;
            calls: number;
            /** @description Answered 429 */
            limited: number;
            /** @description Answered with another error */
            failed: number;
            records: number;
        };
        UsageRoute: {
            /** @description Method and pattern */
            route: string;
            calls: number;
            limited: number;
            failed: number;
        };
        LimitInForce: {
            name: string;
            /** @description Who is counted */
            subject: string;
            requestsMax: number;
            /** @description Null of a limit on requests in flight */
            windowSeconds: number | null;
            /** @enum {string} */
            mode: "enforce" | "shadow";
        };
        UsageResponse: {
            /** @description In UTC, the earliest first */
            days: components["schemas"]["UsageDay"][];
            /** @description The most called first */
            routes: components["schemas"]["UsageRoute"][];
            limits: components["schemas"]["LimitInForce"][];
        };
        DistrictImportReport: {
            id: string;
            /** @enum {string} */
            status: "running" | "held" | "published" | "unchanged" | "refused" | "failed" | "discarded";
            /** Format: date-time */
            startedAt: string;
            /** Format: date-time */
            finishedAt: string | null;
            /** @description By kind: how many records it created, changed, deleted and left as they were */
            kinds: {
                [key: string]: unknown;
            };
            /** @description Kinds of which so much would go that it waits to be confirmed */
            heldKinds: string[];
            /** @description How many problems of each sort, by class and code */
            problemCounts: Record<string, never>[];
            /** @description Problems by file, line and column, with how to mend them */
            problems: Record<string, never>[];
        };
        ImportChangesRequest: {
            /** @description A part of the name */
            search?: string;
            /** @description The `next` of the page before */
            after?: string;
            /** @default 20 */
            limit: number;
            /**
             * @description A kind of record, or the people of a role
             * @enum {string}
             */
            kind: "school" | "term" | "course" | "user" | "section" | "resource" | "student" | "teacher" | "staff" | "contact" | "district_admin";
            /**
             * @description What became of a record; absent: anything
             * @enum {string}
             */
            type?: "created" | "updated" | "deleted";
        };
        ImportChangeResponse: {
            id: string;
            /** @description Its name */
            title: string;
            /** @description created, updated with the previous attributes (null: not there before), or deleted */
            change: {
                [key: string]: unknown;
            };
            /** @description The whole record as it was; null of one that was not there */
            before: {
                [key: string]: unknown;
            } | null;
        };
        ImportChangesResponse: {
            data: components["schemas"]["ImportChangeResponse"][];
            next: string | null;
        };
        DistrictImportResponse: {
            id: string;
            /** @enum {string} */
            status: "running" | "held" | "published" | "unchanged" | "refused" | "failed" | "discarded";
            /** Format: date-time */
            startedAt: string;
            /** Format: date-time */
            finishedAt: string | null;
            /** @description By kind: how many records it created, changed, deleted and left as they were */
            kinds: {
                [key: string]: unknown;
            };
            /** @description Kinds of which so much would go that it waits to be confirmed */
            heldKinds: string[];
            /** @description How many problems of each sort, by class and code */
            problemCounts: Record<string, never>[];
        };
        DistrictImportsPage: {
            data: components["schemas"]["DistrictImportResponse"][];
            next: string | null;
        };
        MemberResponse: {
            id: string;
            name: string;
            email: string;
            role: string;
            /** @description False until the invitation has been followed */
            isHere: boolean;
            hasTotp: boolean;
            /** Format: date-time */
            memberSince: string;
        };
        MembersResponse: {
            data: components["schemas"]["MemberResponse"][];
        };
        InvitePersonRequest: {
            /** Format: email */
            email: string;
            /** @description owner, developer or viewer of a partner; owner, editor or viewer of a district */
            role: string;
            name?: string;
        };
        InvitedResponse: {
            id: string;
            name: string;
            email: string;
            role: string;
            /** @description False until the invitation has been followed */
            isHere: boolean;
            hasTotp: boolean;
            /** Format: date-time */
            memberSince: string;
            /** @description To be handed on, where no mail is sent from here */
            link?: string;
        };
        MemberRoleRequest: {
            role: string;
        };
        ViewedApp: {
            id: string;
            name: string;
        };
        ShownViewing: {
            id: string;
            /** @description Who of the staff */
            operatorName: string;
            reason: string;
            /** @description Null: the district itself */
            app: components["schemas"]["ViewedApp"] | null;
            /** Format: date-time */
            begunAt: string;
            /**
             * Format: date-time
             * @description When it ends, or ended, at the latest
             */
            endsAt: string;
            /**
             * Format: date-time
             * @description When it was ended before that
             */
            endedAt: string | null;
        };
        ViewingsResponse: {
            /** @description The latest hundred, the latest first */
            data: components["schemas"]["ShownViewing"][];
        };
        LinkCodeRequest: {
            /** @description What stands behind # in the link */
            code: string;
        };
        SignedInPerson: {
            id: string;
            name: string;
            email: string;
            /** @description Whether an authenticator app is set up */
            hasTotp: boolean;
        };
        NamedApp: {
            id: string;
            name: string;
        };
        PartnerMembership: {
            id: string;
            name: string;
            /** @enum {string} */
            role: "owner" | "developer" | "viewer";
            apps: components["schemas"]["NamedApp"][];
        };
        DistrictMembership: {
            id: string;
            name: string;
            /** @enum {string} */
            role: "owner" | "editor" | "viewer";
        };
        StaffMembership: {
            operatorId: string;
            role: string;
        };
        Memberships: {
            partners: components["schemas"]["PartnerMembership"][];
            districts: components["schemas"]["DistrictMembership"][];
            /** @description At the pages of staff alone */
            staff: components["schemas"]["StaffMembership"] | null;
        };
        ActingAs: {
            /** @description Who looks */
            staffName: string;
            reason: string;
            /**
             * Format: date-time
             * @description When the looking ends
             */
            until: string;
            /** @enum {string} */
            place: "app" | "district";
            /** @description Of the app or district */
            id: string;
        };
        SessionResponse: {
            person: components["schemas"]["SignedInPerson"];
            /** @description Sent as `Hallpass-CSRF` with what changes anything */
            csrfToken: string;
            /**
             * Format: date-time
             * @description When the password was last given
             */
            authenticatedAt: string;
            /**
             * Format: date-time
             * @description When the session ends if nobody uses it again
             */
            expiresAt: string;
            memberships: components["schemas"]["Memberships"];
            /** @description Set where a member of staff looks at these pages; null of everybody else */
            actingAs: components["schemas"]["ActingAs"] | null;
        };
        PartnerAppResponse: {
            id: string;
            name: string;
            clientId: string;
            isEnabled: boolean;
            purpose: string;
            /** @description Fields by kind */
            requestedFields: {
                [key: string]: string[];
            };
            /** @description Fields by kind */
            requiredFields: {
                [key: string]: string[];
            };
            isListed: boolean;
            signup: string;
            reveal: string;
            revealAddresses: string[];
            tokenMaxAgeDays: number | null;
            redirectUris: string[];
            publicKeys: Record<string, never>[];
            /** Format: date-time */
            createdAt: string;
        };
        PartnerAppsResponse: {
            data: components["schemas"]["PartnerAppResponse"][];
        };
        PartnerAppRequest: {
            /** @description What it asks for and why, for districts to read */
            purpose?: string;
            /** @description The first is called with a code when a district has authorised the app */
            redirectUris?: string[];
            /** @description Public keys (JWK) with which its assertions are signed */
            publicKeys?: {
                [key: string]: string;
            }[];
            /** @description What it asks districts for from now on: {"<kind>": ["<field>", …] or "all"}. What districts have agreed to stays as it is. */
            requestedFields?: Record<string, never>;
            /** @description In the same form, what of it districts cannot hide */
            requiredFields?: Record<string, never>;
        };
        ClientSecretUse: {
            /** @description Empty: several, counted together */
            address: string;
            userAgent: string;
            /** Format: date-time */
            firstAt: string;
            /** Format: date-time */
            lastAt: string;
            uses: number;
        };
        ListedClientSecret: {
            id: string;
            appId: string;
            masked: string;
            /** @enum {string} */
            state: "live" | "retired" | "expired" | "revoked";
            /** Format: date-time */
            createdAt: string;
            /**
             * Format: date-time
             * @description When the grace ends in which it goes on beside its successor
             */
            retiresAt: string | null;
            /** Format: date-time */
            expiresAt: string | null;
            /** Format: date-time */
            revokedAt: string | null;
            /** @description The secret whose place it took */
            replaces: string | null;
            /** @description The latest first; within a minute */
            uses: components["schemas"]["ClientSecretUse"][];
        };
        ClientSecretsResponse: {
            data: components["schemas"]["ListedClientSecret"][];
            next: string | null;
        };
        RotatedClientSecretResponse: {
            clientSecretId: string;
            /** @description Shown this once */
            clientSecret: string;
            replaces: string | null;
            /**
             * Format: date-time
             * @description When the one before retires; null: with the first use of the new one
             */
            retiresAt: string | null;
        };
        ClientSecretResponse: {
            id: string;
            appId: string;
            masked: string;
            /** @enum {string} */
            state: "live" | "retired" | "expired" | "revoked";
            /** Format: date-time */
            createdAt: string;
            /**
             * Format: date-time
             * @description When the grace ends in which it goes on beside its successor
             */
            retiresAt: string | null;
            /** Format: date-time */
            expiresAt: string | null;
            /** Format: date-time */
            revokedAt: string | null;
            /** @description The secret whose place it took */
            replaces: string | null;
        };
        IssuedClientSecretResponse: {
            clientSecretId: string;
            /** @description Shown this once */
            clientSecret: string;
        };
        RevokedClientSecretResponse: {
            id: string;
            appId: string;
            masked: string;
            /** @enum {string} */
            state: "live" | "retired" | "expired" | "revoked";
            /** Format: date-time */
            createdAt: string;
            /**
             * Format: date-time
             * @description When the grace ends in which it goes on beside its successor
             */
            retiresAt: string | null;
            /** Format: date-time */
            expiresAt: string | null;
            /** Format: date-time */
            revokedAt: string | null;
            /** @description The secret whose place it took */
            replaces: string | null;
            /** @description What takes its place, where no other was live that lasts; shown this once */
            successor: components["schemas"]["IssuedClientSecretResponse"] | null;
        };
        SandboxResponse: {
            districtId: string;
            name: string;
            /** @description Null while it is being made */
            grantId: string | null;
        };
        AppDistrictToken: {
            id: string;
            masked: string;
        };
        AppDistrictResponse: {
            grantId: string;
            districtId: string;
            name: string;
            /** @description Whether it is the app’s own sandbox, of made-up people */
            isSandbox: boolean;
            /**
             * @description requested: waits for an answer; none: no live token; ending: it ends within 14 days; unused: it never came
             * @enum {string}
             */
            state: "requested" | "none" | "ending" | "unused" | "live" | "upcoming" | "ended" | "paused" | "revoked";
            /** @enum {string|null} */
            awaits: "app" | "publication" | null;
            /** @description Which records */
            selection: {
                [key: string]: unknown;
            };
            /** Format: date-time */
            startsAt: string | null;
            /** Format: date-time */
            endsAt: string | null;
            /** @description The newest live token */
            token: components["schemas"]["AppDistrictToken"] | null;
            /**
             * Format: date-time
             * @description When any of its tokens was last used; within a minute
             */
            lastUsedAt: string | null;
        };
        AppDistrictsPage: {
            data: components["schemas"]["AppDistrictResponse"][];
            next: string | null;
            /** @description How many match the search, by state */
            counts: {
                [key: string]: number;
            };
            /** @description How many of them were used in the last 14 days */
            usedLately: number;
        };
        SignInRequest: {
            password: string;
            /** @description What the authenticator app shows now, or a recovery code */
            totp?: string;
            email: string;
        };
        PasswordRequest: {
            password: string;
            /** @description What the authenticator app shows now, or a recovery code */
            totp?: string;
        };
        ChangePasswordRequest: {
            password: string;
            newPassword: string;
        };
        TotpBegun: {
            /** @description The secret, in base32 */
            secret: string;
            /** @description The same for a QR code */
            uri: string;
        };
        TotpCodeRequest: {
            code: string;
        };
        RecoveryCodesResponse: {
            /** @description Each is good once in the place of a code; shown this once */
            recoveryCodes: string[];
        };
        EndTotpRequest: {
            code: string;
            password: string;
        };
        EmailRequest: {
            /** Format: email */
            email: string;
        };
        PersonLinkResponse: {
            /** @enum {string} */
            purpose: "invitation" | "reset";
            email: string;
            /** @description The partner or district by its name */
            invitedTo?: string;
        };
        AcceptLinkRequest: {
            password: string;
            /** @description What the authenticator app shows now, or a recovery code */
            totp?: string;
            /** @description What stands behind # in the link */
            code: string;
            name?: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}

// Generated from the OpenAPI file by `pnpm run api`. Not edited by hand.

export interface components {
    schemas: {
        Contact: {
            legacy_id?: string;
            phone?: string;
            /** @enum {string} */
            phone_type?: "Cell" | "Home" | "Work" | "Other" | "";
            sis_id?: string;
            student_relationships?: components["schemas"]["StudentRelationship"][];
        };
        Count: {
            count: number;
            links: components["schemas"]["Links"];
        };
        Course: {
            /** Format: date-time */
            created?: string;
            district: string;
            id: string;
            /** Format: date-time */
            last_modified?: string;
            name?: string;
            number?: string;
        };
        Credentials: {
            district_username?: string;
        };
        Disability: {
            disability_code?: string;
            /** @enum {string} */
            disability_status?: "Y" | "N" | "";
            disability_type?: string;
        };
        District: {
            id: string;
            /** Format: date-time */
            last_sync?: string;
            name: string;
            /** @enum {string} */
            state: "success" | "pending";
        };
        DistrictAdmin: {
            legacy_id?: string;
            title?: string;
        };
        Event: {
            type: string;
            id: string;
            /** Format: date-time */
            created: string;
            data: {
                object: components["schemas"]["School"] | components["schemas"]["Term"] | components["schemas"]["Course"] | components["schemas"]["Section"] | components["schemas"]["User"] | components["schemas"]["Resource"] | {
                    id: string;
                };
            };
            /** @description What the fields that changed were before; null for those that were not there */
            previous_attributes?: {
                [key: string]: unknown;
            };
        };
        Link: {
            rel: string;
            uri: string;
        };
        Links: components["schemas"]["Link"][];
        LmsStatus: {
            synced_in_lms?: boolean;
        };
        Location: {
            address?: string;
            city?: string;
            lat?: string;
            lon?: string;
            state?: string;
            zip?: string;
        };
        Me: {
            /** @enum {string} */
            type: "district";
            data: {
                id: string;
                district: string;
                /** @enum {string} */
                type: "district";
            };
            links: components["schemas"]["Links"];
        };
        Name: {
            first?: string;
            last?: string;
            middle?: string;
        };
        PreferredName: {
            first?: string;
            last?: string;
            middle?: string;
        };
        Principal: {
            email?: string;
            name?: string;
        };
        /** @description RFC 9457, beside the two members that clients written for Clever read. */
        Problem: {
            type: string;
            title: string;
            status: number;
            detail: string;
            code: string;
            requestId: string;
            error: string;
            message: string;
        };
        Resource: {
            /** Format: date-time */
            created?: string;
            district: string;
            id: string;
            resource_id?: string;
            roles?: ("teacher" | "student")[];
            title?: string;
            /** Format: date-time */
            updated?: string;
        };
        Roles: {
            contact?: components["schemas"]["Contact"];
            district_admin?: components["schemas"]["DistrictAdmin"];
            staff?: components["schemas"]["Staff"];
            student?: components["schemas"]["Student"];
            teacher?: components["schemas"]["Teacher"];
        };
        School: {
            /** Format: date-time */
            created?: string;
            district: string;
            ext?: {
                [key: string]: unknown;
            };
            /** @enum {string} */
            high_grade?: "InfantToddler" | "Preschool" | "PreKindergarten" | "TransitionalKindergarten" | "Kindergarten" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "10" | "11" | "12" | "13" | "PostGraduate" | "Ungraded" | "Other" | "";
            id: string;
            /** Format: date-time */
            last_modified?: string;
            location?: components["schemas"]["Location"];
            /** @enum {string} */
            low_grade?: "InfantToddler" | "Preschool" | "PreKindergarten" | "TransitionalKindergarten" | "Kindergarten" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "10" | "11" | "12" | "13" | "PostGraduate" | "Ungraded" | "Other" | "";
            mdr_number?: string;
            name?: string;
            nces_id?: string;
            phone?: string;
            principal?: components["schemas"]["Principal"];
            school_number?: string;
            sis_id?: string;
            state_id?: string;
        };
        SchoolEnrollment: {
            /** Format: date */
            end_date?: string;
            school?: string;
            /** Format: date */
            start_date?: string;
        };
        Section: {
            course?: string;
            /** Format: date-time */
            created?: string;
            district: string;
            ext?: {
                [key: string]: unknown;
            };
            /** @enum {string} */
            grade?: "InfantToddler" | "Preschool" | "PreKindergarten" | "TransitionalKindergarten" | "Kindergarten" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "10" | "11" | "12" | "13" | "PostGraduate" | "Ungraded" | "Other" | "";
            id: string;
            /** Format: date-time */
            last_modified?: string;
            lms_status?: components["schemas"]["LmsStatus"];
            name?: string;
            period?: string;
            school?: string;
            section_number?: string;
            sis_id?: string;
            students?: string[];
            /** @enum {string} */
            subject?: "english/language arts" | "math" | "science" | "social studies" | "language" | "homeroom/advisory" | "interventions/online learning" | "technology and engineering" | "PE and health" | "arts and music" | "other" | "";
            teacher?: string;
            teachers?: string[];
            term_id?: string;
        };
        Staff: {
            credentials?: components["schemas"]["Credentials"];
            department?: string;
            ext?: {
                [key: string]: unknown;
            };
            legacy_id?: string;
            roles?: string[];
            schools?: string[];
            staff_id?: string;
            title?: string;
        };
        Student: {
            credentials?: components["schemas"]["Credentials"];
            disability?: components["schemas"]["Disability"];
            dob?: string;
            /** @enum {string} */
            ell_status?: "Y" | "N" | "";
            enrollments?: components["schemas"]["SchoolEnrollment"][];
            ext?: {
                [key: string]: unknown;
            };
            /** @enum {string} */
            frl_status?: "Free" | "Reduced" | "Paid" | "Other" | "";
            /** @enum {string} */
            gender?: "M" | "F" | "X" | "";
            /** @enum {string} */
            gifted_status?: "Y" | "N" | "";
            /** @enum {string} */
            grade?: "InfantToddler" | "Preschool" | "PreKindergarten" | "TransitionalKindergarten" | "Kindergarten" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "10" | "11" | "12" | "13" | "PostGraduate" | "Ungraded" | "Other" | "";
            graduation_year?: string;
            /** @enum {string} */
            hispanic_ethnicity?: "Y" | "N" | "";
            home_language?: string;
            home_language_code?: string;
            iep_status?: string;
            legacy_id?: string;
            location?: components["schemas"]["Location"];
            preferred_name?: components["schemas"]["PreferredName"];
            /** @enum {string} */
            race?: "Caucasian" | "Asian" | "Black or African American" | "American Indian" | "Hawaiian or Other Pacific Islander" | "Two or More Races" | "Unknown" | "";
            school?: string;
            schools?: string[];
            /** @enum {string} */
            section_504_status?: "Y" | "N" | "";
            sis_id?: string;
            state_id?: string;
            student_number?: string;
        };
        StudentRelationship: {
            /** @enum {string} */
            relationship?: "Parent" | "Grandparent" | "Self" | "Aunt/Uncle" | "Sibling" | "Other" | "";
            student?: string;
            /** @enum {string} */
            type?: "Parent/Guardian" | "Emergency" | "Primary" | "Secondary" | "Family" | "Other" | "";
        };
        Teacher: {
            credentials?: components["schemas"]["Credentials"];
            ext?: {
                [key: string]: unknown;
            };
            legacy_id?: string;
            school?: string;
            schools?: string[];
            sis_id?: string;
            state_id?: string;
            teacher_number?: string;
            title?: string;
        };
        Term: {
            /** Format: date-time */
            created?: string;
            district: string;
            /** Format: date */
            end_date?: string;
            id: string;
            /** Format: date-time */
            last_modified?: string;
            name?: string;
            /** Format: date */
            start_date?: string;
        };
        User: {
            /** Format: date-time */
            created?: string;
            district: string;
            email?: string;
            id: string;
            /** Format: date-time */
            last_modified?: string;
            lms_status?: components["schemas"]["LmsStatus"];
            name?: components["schemas"]["Name"];
            roles: components["schemas"]["Roles"];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}

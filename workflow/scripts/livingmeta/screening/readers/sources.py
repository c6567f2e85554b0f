"""What answers of programs and registers call our columns: JSON and XML, one list a source.

A column takes the first path that holds something; `authors`, `keywords`, `type` and `title` all of
them. In JSON a point goes a level down, and a list is gone through; in XML a slash does, `@` is an
attribute. A word behind `=` stands for itself.
"""

# Beside the columns of every record, what a register says of its trial.
TRIAL = ["status", "registered", "started", "completed", "updated"]
TRIAL += ["sponsor", "enrolment", "results", "outcomes", "other_outcomes"]
_ID, _STATUS = "protocolSection.identificationModule.", "protocolSection.statusModule."
_OWN = "protocolSection."

# Name; what an object of this source holds; its columns.
JSON = {
    "ClinicalTrials.gov": ("protocolSection", {
        "registration": _ID + "nctId",
        "title": f"{_ID}briefTitle {_ID}officialTitle",
        "journal": "=ClinicalTrials.gov",
        "year": f"{_STATUS}studyFirstPostDateStruct.date {_STATUS}studyFirstSubmitDate "
        f"{_STATUS}startDateStruct.date",
        "abstract": _OWN + "descriptionModule.briefSummary",
        "type": _OWN + "designModule.studyType",
        "keywords": f"{_OWN}conditionsModule.conditions {_OWN}conditionsModule.keywords "
        f"{_OWN}armsInterventionsModule.interventions.name {_OWN}designModule.phases",
        "note": f"{_ID}acronym {_STATUS}whyStopped",
        "status": _STATUS + "overallStatus",
        "registered": f"{_STATUS}studyFirstSubmitDate {_STATUS}studyFirstPostDateStruct.date",
        "started": _STATUS + "startDateStruct.date",
        "completed": f"{_STATUS}completionDateStruct.date "
        f"{_STATUS}primaryCompletionDateStruct.date",
        "updated": f"{_STATUS}lastUpdatePostDateStruct.date {_STATUS}lastUpdateSubmitDate",
        "sponsor": _OWN + "sponsorCollaboratorsModule.leadSponsor.name",
        "enrolment": _OWN + "designModule.enrollmentInfo.count",
        "results": "hasResults",
        "outcomes": _OWN + "outcomesModule.primaryOutcomes.measure",
        "other_outcomes": f"{_OWN}outcomesModule.secondaryOutcomes.measure "
        f"{_OWN}outcomesModule.otherOutcomes.measure",
    }),
    "EU CTIS": ("ctNumber", {
        "registration": "ctNumber",
        "title": "ctTitle shortTitle authorizedApplication.authorizedPartI.trialDetails."
        "clinicalTrialIdentifiers.fullTitle",
        "journal": "=EU CTIS",
        "year": "decisionDateOverall startDateEU decisionDate",
        "keywords": "conditions product therapeuticAreas trialPhase",
        "status": "ctPublicStatus ctStatus",
        "started": "startDateEU",
        "completed": "endDateEU endDate",
        "updated": "lastUpdated lastPublicationUpdate",
        "sponsor": "sponsor",
        "enrolment": "totalNumberEnrolled",
        "results": "resultsFirstReceived",
    }),
    "OpenAlex": ("authorships", {
        "title": "title display_name",
        "authors": "authorships.author.display_name",
        "year": "publication_year publication_date",
        "journal": "primary_location.source.display_name host_venue.display_name",
        "volume": "biblio.volume", "issue": "biblio.issue",
        "first_page": "biblio.first_page", "last_page": "biblio.last_page",
        "doi": "doi ids.doi", "pmid": "ids.pmid", "pmcid": "ids.pmcid",
        "abstract": "abstract abstract_inverted_index",
        "type": "type", "language": "language",
        "keywords": "keywords.display_name mesh.descriptor_name",
        "url": "primary_location.landing_page_url id",
        "retracted": "is_retracted",
    }),
    "Semantic Scholar": ("paperId", {
        "title": "title",
        "authors": "authors.name",
        "year": "year publicationDate",
        "journal": "journal.name publicationVenue.name venue",
        "volume": "journal.volume", "pages": "journal.pages",
        "doi": "externalIds.DOI", "pmid": "externalIds.PubMed",
        "pmcid": "externalIds.PubMedCentral",
        "abstract": "abstract", "type": "publicationTypes",
        "keywords": "s2FieldsOfStudy.category fieldsOfStudy",
        "url": "url",
    }),
    "Europe PMC": ("pubYear", {
        "title": "title",
        "authors": "authorList.author", "author_string": "authorString",
        "year": "pubYear firstPublicationDate",
        "journal": "journalTitle journalInfo.journal.title bookOrReportDetails.publisher",
        "volume": "journalVolume journalInfo.volume", "issue": "issue journalInfo.issue",
        "pages": "pageInfo",
        "doi": "doi", "pmid": "pmid", "pmcid": "pmcid",
        "abstract": "abstractText",
        "type": "pubTypeList.pubType pubType",
        "language": "language",
        "keywords": "keywordList.keyword meshHeadingList.meshHeading.descriptorName",
        "changed_by": "commentCorrectionList.commentCorrection.type",
        "tied": "commentCorrectionList.commentCorrection.id",
    }),
    "Crossref": ("container-title DOI", {
        "title": "title subtitle",
        "authors": "author editor",
        "year": "issued published-print published-online published created",
        "journal": "container-title short-container-title institution.name event.name",
        "volume": "volume", "issue": "issue journal-issue.issue",
        "pages": "page", "article_number": "article-number",
        "doi": "DOI", "pmid": "PMID", "pmcid": "PMCID",
        "abstract": "abstract", "type": "type subtype genre", "language": "language",
        "keywords": "subject keyword", "url": "URL resource.primary.URL",
        "note": "note",
        "changes": "update-to.type", "changed": "update-to.DOI", "changed_by": "updated-by.type",
    }),
    "Zotero": ("data", {
        "title": "data.title", "authors": "data.creators",
        "year": "data.date",
        "journal": "data.publicationTitle data.proceedingsTitle data.bookTitle "
        "data.journalAbbreviation data.repository data.conferenceName",
        "volume": "data.volume", "issue": "data.issue data.number", "pages": "data.pages",
        "doi": "data.DOI", "abstract": "data.abstractNote", "type": "data.itemType",
        "language": "data.language", "keywords": "data.tags.tag", "url": "data.url",
        "note": "data.extra",
    }),
}  # fmt: skip
# What the list of an answer's objects is called.
LISTS = "items|results|data|result|studies"

_ART, _TRIAL = "header/controlInfo/artinfo/", "trial/"
# Name; the element of a record; its columns.
XML = {
    "ISRCTN": ("fullTrial", {
        "registration": _TRIAL + "isrctn",
        "title": f"{_TRIAL}trialDescription/title {_TRIAL}trialDescription/scientificTitle",
        "journal": "=ISRCTN registry",
        "year": f"{_TRIAL}isrctn@dateAssigned {_TRIAL}trialDesign/overallStartDate",
        "doi": _TRIAL + "externalRefs/doi",
        "abstract": _TRIAL + "trialDescription/plainEnglishSummary",
        "type": _TRIAL + "trialDesign/primaryStudyDesign",
        "keywords": f"{_TRIAL}conditions/condition/description "
        f"{_TRIAL}interventions/intervention/drugNames",
        "note": f"{_TRIAL}trialDescription/acronym {_TRIAL}externalRefs/eudraCTNumber "
        f"{_TRIAL}externalRefs/clinicalTrialsGovNumber",
        "status": f"{_TRIAL}trialDesign/overallStatus "
        f"{_TRIAL}participants/recruitmentStatusOverride",
        "registered": _TRIAL + "isrctn@dateAssigned",
        "started": f"{_TRIAL}trialDesign/overallStartDate {_TRIAL}participants/recruitmentStart",
        "completed": f"{_TRIAL}trialDesign/overallEndDate {_TRIAL}participants/recruitmentEnd",
        "updated": _TRIAL + "@lastUpdated",
        "sponsor": "sponsor/organisation",
        "enrolment": f"{_TRIAL}participants/totalFinalEnrolment "
        f"{_TRIAL}participants/targetEnrolment",
        "results": _TRIAL + "results/basicReport",
        "outcomes": _TRIAL + "trialDescription/primaryOutcome",
        "other_outcomes": _TRIAL + "trialDescription/secondaryOutcome",
    }),
    "ClinicalTrials.gov XML": ("clinical_study", {
        "registration": "id_info/nct_id",
        "title": "brief_title official_title",
        "journal": "=ClinicalTrials.gov",
        "year": "study_first_posted study_first_submitted start_date",
        "abstract": "brief_summary/textblock",
        "type": "study_type",
        "keywords": "condition keyword intervention/intervention_name phase",
        "url": "required_header/url",
        "note": "acronym id_info/org_study_id id_info/secondary_id why_stopped",
        "status": "overall_status",
        "registered": "study_first_submitted study_first_posted",
        "started": "start_date",
        "completed": "completion_date primary_completion_date",
        "updated": "last_update_posted last_update_submitted",
        "sponsor": "sponsors/lead_sponsor/agency",
        "enrolment": "enrollment",
        "results": "results_first_posted",
        "outcomes": "primary_outcome/measure",
        "other_outcomes": "secondary_outcome/measure other_outcome/measure",
    }),
    "EBSCO XML": ("rec", {
        "title": f"{_ART}tig/atl header/controlInfo/bkinfo/btl",
        "authors": f"{_ART}aug/au header/controlInfo/bkinfo/aug/au",
        "year": "header/controlInfo/pubinfo/dt@year header/controlInfo/pubinfo/dt",
        "journal": "header/controlInfo/jinfo/jtl header/controlInfo/bkinfo/btl",
        "volume": "header/controlInfo/pubinfo/vid",
        "issue": "header/controlInfo/pubinfo/iid",
        "pages": _ART + "ppf",
        "doi": f"{_ART}ui[@type='doi']",
        "pmid": f"{_ART}ui[@type='pmid']",
        "abstract": _ART + "ab",
        "type": f"{_ART}pubtype {_ART}doctype",
        "language": "header/controlInfo/language",
        "keywords": f"{_ART}sug/subj {_ART}keyword",
        "url": "pdfLink plink",
    }),
    # Its own export, and the form in which registers hand theirs on, all in lower case; the names
    # are compared in lower case. Behind ISRCTN, which has an element of that name.
    "ICTRP": ("[Tt]rial", {
        "registration": ".//trialid .//trial_id",
        "title": ".//public_title .//scientific_title",
        "journal": ".//source_register .//reg_name =ICTRP",
        "year": ".//date_registration3 .//date_registration .//date_enrollement .//date_enrolment",
        "type": ".//study_type",
        "keywords": ".//condition .//hc_freetext .//intervention .//i_freetext .//phase",
        "url": ".//web_address .//url",
        "note": ".//acronym .//secondary_id .//secondary_ids .//sec_id .//other_records",
        "status": ".//recruitment_status",
        "registered": ".//date_registration3 .//date_registration",
        "started": ".//date_enrollement .//date_enrolment",
        "completed": ".//results_date_completed",
        "updated": ".//last_refreshed_on .//last_update",
        "sponsor": ".//primary_sponsor",
        "enrolment": ".//target_size",
        "results": ".//results_yes_no",
        "outcomes": ".//primary_outcome",
        "other_outcomes": ".//secondary_outcome",
    }),
    "Europe PMC XML": ("result", {
        "title": "title",
        "authors": "authorList.author", "author_string": "authorString",
        "year": "pubYear",
        "journal": "journalTitle journalInfo/journal/title",
        "volume": "journalVolume journalInfo/volume", "issue": "issue journalInfo/issue",
        "pages": "pageInfo", "doi": "doi", "pmid": "pmid", "pmcid": "pmcid",
        "abstract": "abstractText", "type": "pubTypeList/pubType pubType",
        "language": "language",
        "keywords": "keywordList/keyword meshHeadingList/meshHeading/descriptorName",
    }),
    "Zotero RDF": (
        "(?:bib:(?!Journal|Memo|Series)[A-Z][A-Za-z]*|rdf:Description)(?= rdf:about=)", {
        "title": "dc_title",
        "authors": ".//bib_authors//foaf_Person .//bib_editors//foaf_Person",
        "year": "dc_date",
        "journal": "dcterms_isPartOf/*/dc_title dcterms_isPartOf/*/dcterms_alternative",
        "volume": "dcterms_isPartOf/*/prism_volume prism_volume",
        "issue": "dcterms_isPartOf/*/prism_number prism_number",
        "pages": "bib_pages",
        "doi": "dc_identifier dcterms_isPartOf/*/dc_identifier",
        "abstract": "dcterms_abstract",
        "type": "z_itemType",
        "language": "z_language",
        "keywords": "dc_subject",
        "url": "dc_identifier/dcterms_URI/rdf_value",
        "note": "dc_description",
    }),
}  # fmt: skip
# How an answer says how many records its search found, and that more follow: words that it holds,
# and how they stand.
FOUND = {
    "totalCount": r'"totalCount"\s*:\s*"?(\d+)',
    "hitCount": r'hitCount(?:"\s*:\s*"?|>\s*)(\d+)',
    "search_results": r'<search_results[^<>]*\bcount="(\d+)"',
    "total-results": r'"total-results"\s*:\s*(\d+)',
    '"meta"': r'"meta"\s*:\s*\{[^{}]*"count"\s*:\s*(\d+)',
    "totalRecords": r'"totalRecords"\s*:\s*(\d+)',
    "totalResults": r'totalResults"\s*:\s*"?(\d+)',
    "numFound": r'"numFound"\s*:\s*(\d+)',
    "totalHits": r'"totalHits"\s*:\s*(\d+)',
    "total_records": r'"total_records"\s*:\s*(\d+)',
    "total_count": r'"total_count"\s*:\s*(\d+)',
}
# The same, where it stands before the first list or behind the last alone.
FOUND_AROUND = {
    '"total"': r'"total"\s*:\s*(\d+)',
    '"count"': r'"count"\s*:\s*"?(\d+)',
}
FOLLOWS = {
    "nextPageToken": r'"nextPageToken"\s*:\s*"[^"]',
    '"next"': r'"next"\s*:\s*(?:\d|"http)',
    '"token"': r'"token"\s*:\s*"[^"]',
}

"""The one `@context` of everything we send: it defines every term we ever use, so that nothing is lost on servers that
process JSON-LD (INTEROP D.19). We never read one.
"""

from typing import Any

ACTIVITY_STREAMS = "https://www.w3.org/ns/activitystreams"
SECURITY = "https://w3id.org/security/v1"


def _reference(iri: str) -> dict[str, str]:
    return {"@id": iri, "@type": "@id"}


def _typed(iri: str, kind: str) -> dict[str, str]:
    return {"@id": iri, "@type": kind}


_TERMS: dict[str, Any] = {
    # Where the terms come from
    "toot": "http://joinmastodon.org/ns#",
    "schema": "http://schema.org#",
    "ostatus": "http://ostatus.org#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "sec": "https://w3id.org/security#",
    "gts": "https://gotosocial.org/ns#",
    "vf": "https://w3id.org/valueflows/ont/vf#",
    "om2": "http://www.ontology-of-units-of-measure.org/resource/om-2/",
    "flohmarkt": "https://codeberg.org/flohmarkt/flohmarkt#",
    # Actors
    "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
    "movedTo": _reference("as:movedTo"),
    "alsoKnownAs": _reference("as:alsoKnownAs"),
    "featured": _reference("toot:featured"),
    "discoverable": "toot:discoverable",
    "indexable": "toot:indexable",
    "suspended": "toot:suspended",
    "webfinger": "https://purl.archive.org/socialweb/webfinger#webfinger",
    "implements": {"@id": "https://w3id.org/fep/844e#implements", "@type": "@id", "@container": "@set"},
    "proposals": _reference("https://w3id.org/fep/0837#proposals"),
    "PropertyValue": "schema:PropertyValue",
    "value": "schema:value",
    # Keys and proofs (FEP-521a, FEP-8b32)
    "assertionMethod": {"@id": "sec:assertionMethod", "@type": "@id", "@container": "@set"},
    "Multikey": "sec:Multikey",
    "controller": _reference("sec:controller"),
    "publicKeyMultibase": _typed("sec:publicKeyMultibase", "sec:multibase"),
    "proof": {"@id": "sec:proof", "@type": "@id", "@container": "@graph"},
    "DataIntegrityProof": "sec:DataIntegrityProof",
    "cryptosuite": "sec:cryptosuite",
    "verificationMethod": _reference("sec:verificationMethod"),
    "proofPurpose": _typed("sec:proofPurpose", "@vocab"),
    "proofValue": _typed("sec:proofValue", "sec:multibase"),
    # Notes
    "Hashtag": "as:Hashtag",
    "Emoji": "toot:Emoji",
    "sensitive": "as:sensitive",
    "conversation": "ostatus:conversation",
    "atomUri": "ostatus:atomUri",
    # Consent to be quoted (FEP-044f)
    "interactionPolicy": _reference("gts:interactionPolicy"),
    "canQuote": _reference("gts:canQuote"),
    "canReply": _reference("gts:canReply"),
    "canLike": _reference("gts:canLike"),
    "canAnnounce": _reference("gts:canAnnounce"),
    "automaticApproval": _reference("gts:automaticApproval"),
    "manualApproval": _reference("gts:manualApproval"),
    "interactingObject": _reference("gts:interactingObject"),
    "interactionTarget": _reference("gts:interactionTarget"),
    "quote": _reference("https://w3id.org/fep/044f#quote"),
    "quoteAuthorization": _reference("https://w3id.org/fep/044f#quoteAuthorization"),
    "QuoteRequest": "https://w3id.org/fep/044f#QuoteRequest",
    "QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization",
    # Proposals and agreements (FEP-0837, ValueFlows)
    "Proposal": "vf:Proposal",
    "Intent": "vf:Intent",
    "Agreement": "vf:Agreement",
    "Commitment": "vf:Commitment",
    "EconomicEvent": "vf:EconomicEvent",
    "EconomicResource": "vf:EconomicResource",
    "purpose": "vf:purpose",
    "publishes": _reference("vf:publishes"),
    "reciprocal": _reference("vf:reciprocal"),
    "unitBased": "vf:unitBased",
    "action": "vf:action",
    "resourceQuantity": _reference("vf:resourceQuantity"),
    "availableQuantity": _reference("vf:availableQuantity"),
    "minimumQuantity": _reference("vf:minimumQuantity"),
    "effortQuantity": _reference("vf:effortQuantity"),
    "resourceConformsTo": _reference("vf:resourceConformsTo"),
    "resourceInventoriedAs": _reference("vf:resourceInventoriedAs"),
    "resourceClassifiedAs": {"@id": "vf:resourceClassifiedAs", "@type": "@id", "@container": "@set"},
    "hasBeginning": _typed("vf:hasBeginning", "xsd:dateTime"),
    "hasEnd": _typed("vf:hasEnd", "xsd:dateTime"),
    "finished": "vf:finished",
    "stipulates": _reference("vf:stipulates"),
    "stipulatesReciprocal": _reference("vf:stipulatesReciprocal"),
    "satisfies": _reference("vf:satisfies"),
    "fulfills": _reference("vf:fulfills"),
    "hasUnit": "om2:hasUnit",
    "hasNumericalValue": "om2:hasNumericalValue",
}

CONTEXT: list[Any] = [ACTIVITY_STREAMS, SECURITY, _TERMS]
"""Strings before the object: Mastodon looks for the first, and peers that only compare texts stop there."""


def with_context(document: dict[str, Any]) -> dict[str, Any]:
    """`document` as it is sent or served: its context first, its properties unchanged."""
    return {"@context": CONTEXT, **document}

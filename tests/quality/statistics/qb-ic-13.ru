# A figure has no unit.

PREFIX ex: <https://example.org/>
PREFIX sdmx-attribute: <http://purl.org/linked-data/sdmx/2009/attribute#>
PREFIX unit: <http://qudt.org/vocab/unit/>

DELETE DATA { ex:total sdmx-attribute:unitMeasure unit:NUM }

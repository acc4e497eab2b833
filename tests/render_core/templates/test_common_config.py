from render_core.templates import checked_config, template_schema

LIP_SYNC = {
    "mainText": "",
    "coverDuration": 0.5,
    "segmentDuration": 4.0,
    "gapDuration": 1.5,
    "duration": None,
    "circleSizePercent": 25.2,
    "circleBottomPercent": 15.0,
    "circleLeftPx": 40.0,
    "faceOffsetX": 0.0,
    "faceOffsetY": 0.0,
    "faceScale": 1.0,
    "vignetteStrength": 0.7,
    "colorCorrection": 1.2,
    "filmGrain": 0.3,
    "musicVolume": 0.5,
    "voiceVolume": 1.0,
    "duckMusic": True,
    "fadeOut": 1.0,
    "showCaptions": True,
    "captions": [],
    "captionText": "",
    "captionStyle": {
        "fontSize": 48.0,
        "fontFamily": "Montserrat",
        "fontWeight": 700,
        "textColor": "#ffffff",
        "highlightColor": "#f59e0b",
        "backgroundColor": "rgba(0,0,0,.6)",
        "bottomPercent": 20.0,
        "maxWidthPercent": 85.0,
        "uppercase": False,
        "animation": "pop",
    },
    "fps": "30",
    "width": 1080,
    "height": 1920,
}
RANGES = {
    "segmentDuration": (1, 15),
    "faceScale": (1, 3),
    "faceOffsetX": (-50, 50),
    "musicVolume": (0, 1),
    "voiceVolume": (0, 2),
    "fadeOut": (0, 5),
    "width": (64, 4096),
    "height": (64, 4096),
}


def test_the_settings_of_lip_sync_keep_their_names_order_and_defaults():
    found = checked_config("LipSyncTemplate", {})
    assert list(found) == list(template_schema("LipSyncTemplate")["properties"]) == list(LIP_SYNC)
    assert found == LIP_SYNC


def test_the_settings_of_lip_sync_keep_their_ranges():
    properties = template_schema("LipSyncTemplate")["properties"]
    assert {name: (properties[name]["minimum"], properties[name]["maximum"]) for name in RANGES} == RANGES


def test_what_templates_share_is_described_alike():
    shared = ("faceScale", "musicVolume", "fadeOut", "fps")
    for name in shared:
        kinds = [template_schema(template)["properties"][name] for template in ("LipSyncTemplate", "NewsTemplate")]
        assert kinds[0] == kinds[1]

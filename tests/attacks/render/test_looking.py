"""The eyes of the other tests are open: what they look for is noticed when it is there."""

import pytest

from tests.attacks.lines import attack
from tests.attacks.render.looking import Seen, browser, look
from tests.attacks.render.writing import writes
from tests.attacks.world import BASE_URL, World
from tests.tables import change

pytestmark = pytest.mark.real

ACTING = (
    "<p>lisible</p><img src=https://evil.test/p.gif><script>alert(1)</script><b onclick=alert(1)>x</b>"
    "<form action=https://evil.test></form><iframe srcdoc=x></iframe><p style='color:red'>x</p>"
)


@attack("A163")
async def test_what_acts_is_noticed(world: World) -> None:
    seen = Seen()
    async with browser(world.reader(), seen) as context:
        page = await context.new_page()
        await page.set_content(ACTING + "<img src=x onerror=alert(2)>")
        await page.wait_for_load_state("networkidle")

    assert "https://evil.test/p.gif" in seen.elsewhere
    assert sorted(seen.dialogs) == ["1", "2"]


@attack("A163")
async def test_what_slipped_into_the_tables_is_noticed_and_stopped_by_the_policy(world: World) -> None:
    paths = await writes(world, "<p>lisible</p>")
    await change(world.db, "update proposal set content = :content where origin <> 'here'", content=ACTING)

    seen = await look(world, paths[2:3])

    assert [violation for violation in seen.violations if "script-src" in violation] != []
    assert seen.dialogs == ["1"], "the feed has no policy; the page has, and lets nothing run"
    assert [danger for danger in seen.dangers if "evil.test" in danger] != []
    with pytest.raises(AssertionError):
        seen.nothing_happened()
    assert paths[2].startswith("/@mallory@evil.test/")
    assert BASE_URL not in seen.elsewhere

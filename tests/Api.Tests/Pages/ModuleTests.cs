namespace Serve.Api.Tests.Pages;

/// <summary>Modules of the pages by themselves, in the browser.</summary>
public sealed class ModuleTests(Browser browser, PagesServer server) : PageTest(browser, server)
{
    // The texts were worked out by hand: the second has a number of two characters, the third one below 0.
    [Theory]
    [InlineData("[6, 2, 3, 5, 4]", 5, "...#.|...#.|.#.#.|.###.")]
    [InlineData("\"62331\"", 5, "...#.|...#.|.#.#.|.###.")]
    [InlineData("\"b02339\"", 10, "......#...|......#...|....#.#...|....###...")]
    [InlineData("\"452N4\"", 5, ".###.|.#.#.|.#...|.##..")]
    public async Task Run_lengths_are_drawn_where_the_mask_is(string counts, int width, string mask)
    {
        await using var visit = await OpenAsync("/workers");

        var drawn = await visit.Page.EvaluateAsync<string>(
            """
            async ([counts, width]) => {
              const { fillMask } = await import("/app/masks.js");
              const pen = new OffscreenCanvas(width, 4).getContext("2d");
              fillMask(pen, { size: [4, width], counts: JSON.parse(counts) }, "red");
              const { data } = pen.getImageData(0, 0, width, 4);
              return Array.from({ length: 4 }, (_, y) => Array.from({ length: width }, (_, x) => data[4 * (width * y + x) + 3] > 0 ? "#" : ".").join("")).join("|");
            }
            """,
            new object[] { counts, width });

        Assert.Equal(mask, drawn);
    }

    [Fact]
    public async Task Numbers_and_times_are_written_for_people()
    {
        await using var visit = await OpenAsync("/workers");

        var texts = await visit.Page.EvaluateAsync<string[]>(
            """
            async () => {
              const f = await import("/app/format.js");
              return [
                f.points(0.43714), f.points(null), f.difference(-0.0123), f.difference(0.0456), f.difference(-0.00001), f.count(12345), f.counted(1, "image"), f.short(12350797),
                f.bytes(49830622), f.milliseconds(7.25), f.milliseconds(1128.9), f.duration(59.6), f.duration(7500), f.percent(0.0004), f.percent(0.125, 1), f.ago("2026-01-01T00:00:00Z", Date.UTC(2026, 0, 1, 0, 3)),
              ];
            }
            """);

        Assert.Equal(
            ["43.7", "–", "−1.2", "+4.6", "0.0", "12,345", "1 image", "12.4 M", "49.8 MB", "7.3 ms", "1.1 s", "1 min", "2 h 5 min", "<1 %", "12.5 %", "3 min ago"], texts);
    }

    [Fact]
    public async Task Events_of_a_stream_that_breaks_are_taken_up_after_the_last_that_was_seen()
    {
        await using var visit = await OpenAsync("/workers");
        var asked = new List<string?>();
        await visit.Page.RouteAsync("**/stream", async route =>
        {
            asked.Add(route.Request.Headers.GetValueOrDefault("last-event-id"));
            var (status, body) = asked.Count switch
            {
                1 => (200, "id: 1\nevent: progress\ndata: {\"done\":1}\n\nid: 2\ndata: {\"done\":2}\r\n\r\nid: 3\ndata: {\"cut"),
                2 => (200, "id: 3\nevent: done\ndata: {\"done\":3}\n\n"),
                _ => (204, ""),
            };
            await route.FulfillAsync(new() { Status = status, Body = body, ContentType = "text/event-stream" });
        });

        var seen = await visit.Page.EvaluateAsync<string[]>(
            """
            async () => {
              const { events } = await import("/app/api.js");
              const seen = [];
              await events("/stream", { onEvent: ({ id, type, data }) => seen.push(`${id} ${type} ${data.done}`) });
              return seen;
            }
            """);

        Assert.Equal(["1 progress 1", "2 message 2", "3 done 3"], seen);
        Assert.Equal([null, "2", "3"], asked);
    }
}

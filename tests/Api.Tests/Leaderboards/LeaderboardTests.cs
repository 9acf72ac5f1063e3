using System.Net;
using System.Net.Http.Json;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Leaderboards;

public sealed class LeaderboardTests : BoardServer
{
    [Fact]
    public async Task A_host_opens_a_leaderboard_and_everyone_reads_it()
    {
        var made = await OpenAsync(submissionsPerDay: 7, "first", "second");

        var read = await GetAsync(Board, Reader).JsonAsync();
        var list = await GetAsync("/v1/leaderboards", Alice).JsonAsync();

        Assert.Equal(("board", "Lights", "coco-bbox", "AP", "host"), ((string)read["name"]!, (string)read["title"]!, (string)read["protocol"]!, (string)read["headline"]!, (string)read["owner"]!));
        Assert.Equal([("first", 1, "test"), ("second", 1, "test")], read["datasets"]!.AsArray().Select(one => ((string)one!["name"]!, (int)one["version"]!, (string)one["split"]!)));
        Assert.Equal((true, true, 7, 0, null), ((bool)read["isOpen"]!, (bool)read["higherIsBetter"]!, (int)read["submissionsPerDay"]!, (int)read["submissions"]!, read["closesAt"]));
        Assert.Equal(["AP"], read["metrics"]!.AsArray().Select(name => (string)name!));
        Assert.Equal("all", (string)Assert.Single(read["divisions"]!.AsArray())!["id"]!);
        Assert.Empty(read["waiting"]!.AsArray());
        Assert.Null(read["yourQuota"]);
        var listed = Assert.Single(list["leaderboards"]!.AsArray())!;
        Assert.Null(listed["divisions"]);
        Assert.Equal((7, 0, 7), ((int)listed["yourQuota"]!["limit"]!, (int)listed["yourQuota"]!["used"]!, (int)listed["yourQuota"]!["remaining"]!));
        Assert.Equal(TimeSpan.Zero, DateTimeOffset.Parse((string)listed["yourQuota"]!["resetsAt"]!).TimeOfDay);
        Assert.Equal((string)made["createdAt"]!, (string)read["createdAt"]!);
    }

    [Fact]
    public async Task What_is_wrong_with_a_leaderboard_is_told_at_once()
    {
        await OpenAsync();

        var faults = (await SendAsync(HttpMethod.Post, "/v1/leaderboards", Host, JsonContent.Create(new
        {
            name = "a b",
            title = " ",
            protocol = "coco",
            closesAt = "2020-01-01T00:00:00Z",
            submissionsPerDay = 0,
            datasets = new object[] { new { name = "none" }, new { name = "first", split = "dev" }, new { name = "second", version = 3 }, new { name = "second", role = "coco" } },
        })).ProblemAsync(HttpStatusCode.BadRequest))["errors"]!;
        var twice = await SendAsync(HttpMethod.Post, "/v1/leaderboards", Host, JsonContent.Create(new { name = "board", datasets = new[] { new { name = "first" } } })).ProblemAsync(HttpStatusCode.Conflict);

        Assert.Equal(["closesAt", "datasets", "name", "protocol", "submissionsPerDay", "title"], faults.AsObject().Select(fault => fault.Key));
        Assert.Equal(
            [
                "datasets[0]: There is no dataset \"none\". Datasets: first, second, tiny.",
                "datasets[1]: Dataset \"first\" has no split \"dev\". Splits: test, val.",
                "datasets[2]: Dataset \"second\" has no version 3. Versions: 1.",
                "datasets[3]: \"role\" is for the protocol usb; this leaderboard's is coco.",
            ],
            faults["datasets"]!.AsArray().Select(fault => (string)fault!));
        Assert.Equal("There is a leaderboard \"board\" already; choose another name.", twice.Detail());
    }

    [Fact]
    public async Task A_protocol_of_masks_needs_a_dataset_with_masks()
    {
        await OpenAsync();
        var request = new { name = "masks", protocol = "coco-segm", datasets = new[] { new { name = "first", split = "test" } } };

        var refused = await SendAsync(HttpMethod.Post, "/v1/leaderboards", Host, JsonContent.Create(request)).ProblemAsync(HttpStatusCode.BadRequest);

        var fault = (string)Assert.Single(refused["errors"]!["datasets"]!.AsArray())!;
        Assert.Matches(@"^datasets\[0\]: first/test: annotation id \d+ has no segmentation; evaluation of masks needs polygons or run lengths of every object\.$", fault);
    }

    [Fact]
    public async Task Who_may_do_what_follows_from_roles_and_owners()
    {
        await OpenAsync();
        var rival = await NewKeyAsync("rival", "host");
        var change = JsonContent.Create(new { title = "Other", submissionsPerDay = 3 });

        foreach (var key in (string[])[Reader, Alice])
            Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(HttpMethod.Post, "/v1/leaderboards", key, JsonContent.Create(new { name = "x", datasets = new[] { new { name = "first" } } })));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(HttpMethod.Post, $"{Board}/submissions", Reader, JsonContent.Create(new { method = "m", model = "shapes" })));
        var another = await SendAsync(HttpMethod.Patch, Board, rival, change).ProblemAsync(HttpStatusCode.Forbidden);
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(HttpMethod.Delete, Board, rival));
        var changed = await SendAsync(HttpMethod.Patch, Board, Host, change).JsonAsync();
        var unknown = await GetAsync("/v1/leaderboards/none", Reader).ProblemAsync(HttpStatusCode.NotFound);

        Assert.Equal("Leaderboard \"board\" is host's: only host and administrators change it.", another.Detail());
        Assert.Equal(("Other", 3), ((string)changed["title"]!, (int)changed["submissionsPerDay"]!));
        Assert.Equal("There is no leaderboard \"none\". GET /v1/leaderboards lists them.", unknown.Detail());
        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(HttpMethod.Delete, Board, Administrator));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(HttpMethod.Get, Board, Host));
    }

    [Fact]
    public async Task What_a_leaderboard_needs_is_not_deleted()
    {
        await OpenAsync();
        await SendAsync(HttpMethod.Put, "/v1/datasets/cells?visibility=private", Host, new ByteArrayContent(TestArchives.Zip(("annotations/instances_test.json",
            """{ "images": [ { "id": 1, "file_name": "1.png", "width": 64, "height": 48 } ], "categories": [ { "id": 1, "name": "light" } ], "annotations": [] }""")))).JsonAsync(HttpStatusCode.Created);
        var rival = await NewKeyAsync("rival", "host");
        var request = new { name = "cells", datasets = new[] { new { name = "cells" } } };

        var foreign = await SendAsync(HttpMethod.Post, "/v1/leaderboards", rival, JsonContent.Create(request)).ProblemAsync(HttpStatusCode.BadRequest);
        await SendAsync(HttpMethod.Post, "/v1/leaderboards", Host, JsonContent.Create(request)).JsonAsync(HttpStatusCode.Created);
        var needed = await SendAsync(HttpMethod.Delete, "/v1/datasets/cells", Host).ProblemAsync(HttpStatusCode.Conflict);
        var submission = await SubmitAsync(Alice, "m", right: 3);
        var full = await SendAsync(HttpMethod.Delete, Board, Host).ProblemAsync(HttpStatusCode.Conflict);
        await SendAsync(HttpMethod.Delete, $"{Board}/submissions/{submission["id"]}", Host).JsonAsync();

        Assert.Equal("datasets[0]: the annotations of dataset \"cells\" are private: only its owner and administrators open a leaderboard on it.", (string)foreign["errors"]!["datasets"]![0]!);
        Assert.Equal("Dataset \"cells\" is what the leaderboard cells measures on. Delete it first.", needed.Detail());
        Assert.Equal("Leaderboard \"board\" has 1 submission that is not withdrawn. Withdraw them, or close it: PATCH with closesAt.", full.Detail());
        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(HttpMethod.Delete, Board, Host));
        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(HttpMethod.Delete, "/v1/leaderboards/cells", Host));
        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(HttpMethod.Delete, "/v1/datasets/cells", Host));
    }

    [Fact]
    public async Task A_leaderboard_closes_and_opens_again()
    {
        await OpenAsync();

        await SendAsync(HttpMethod.Patch, Board, Host, JsonContent.Create(new { closesAt = "2020-01-01T00:00:00Z" })).JsonAsync();
        var closed = await SendAsync(HttpMethod.Post, $"{Board}/submissions", Alice, JsonContent.Create(new { method = "m", model = "shapes" })).ProblemAsync(HttpStatusCode.Conflict);
        var read = await GetAsync(Board, Reader).JsonAsync();
        await SendAsync(HttpMethod.Patch, Board, Host, JsonContent.Create(new { closesAt = DateTimeOffset.UtcNow.AddDays(1) })).JsonAsync();

        Assert.Equal("Leaderboard \"board\" was closed at 2020-01-01 00:00:00Z and takes no submissions.", closed.Detail());
        Assert.Equal(100, (int)closed["quota"]!["remaining"]!);
        Assert.False((bool)read["isOpen"]!);
        await SubmitAsync(Alice, new { method = "m", model = "shapes" });
    }
}

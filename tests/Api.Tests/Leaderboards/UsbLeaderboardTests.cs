using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serve.Api.Tests.Support;
using Serve.Inference.Repository;

namespace Serve.Api.Tests.Leaderboards;

/// <summary>Leaderboards with the divisions of the USB benchmark.</summary>
public sealed class UsbLeaderboardTests : BoardServer
{
    [Fact]
    public async Task Models_compete_in_the_divisions_of_their_passports_and_the_mean_over_datasets_ranks()
    {
        await OpenUsbAsync();
        TestModel.WriteTrained(Folder.File("models"), "short", version: 1, epochs: 12);
        Refresh();

        var done = await WaitAsync(Alice, await SubmitAsync(Alice, new { method = "short", model = "short" }));
        var board = await GetAsync(Board, Reader).JsonAsync();

        Assert.Equal(("mCAP", "usb"), ((string)board["headline"]!, (string)board["protocol"]!));
        var division = Assert.Single(board["divisions"]!.AsArray())!;
        Assert.Equal(("micro-1.0", "Micro USB, training 1.0", "At most 50,176 pixels an image, at most 24 epochs."), ((string)division["id"]!, (string)division["name"]!, (string)division["description"]!));
        var row = Assert.Single(division["rows"]!.AsArray())!;
        Assert.Equal((1, true), ((int)row["rank"]!, (bool)row["declared"]!));
        Assert.Equal(("1.0", "Micro", "complete"), ((string)row["division"]!["training"]!, (string)row["division"]!["evaluation"]!, (string)row["division"]!["status"]!));
        Assert.Equal(row["datasets"]!.AsArray().Average(one => (double)one!["value"]!), (double)row["headline"]!["value"]!, 12);
        Assert.Equal(row["division"]!.ToJsonString(), done["division"]!.ToJsonString());
        // Each dataset by its own rules.
        var protocols = new List<string>();
        foreach (var evaluation in done["evaluations"]!.AsArray())
            protocols.Add((string)(await GetAsync($"/v1/evaluations/{evaluation!["id"]}", Alice).JsonAsync())["protocol"]!);
        Assert.Equal(["usb", "usb-m109s"], protocols);
    }

    [Fact]
    public async Task Who_reports_the_higher_training_division_must_report_the_lower()
    {
        await OpenUsbAsync();
        TestModel.WriteTrained(Folder.File("models"), "short", version: 1, epochs: 12);
        TestModel.WriteTrained(Folder.File("models"), "long", version: 1, epochs: 72);
        Refresh();

        await WaitAsync(Alice, await SubmitAsync(Alice, new { method = "ours", model = "long" }));
        var before = Assert.Single((await DivisionsAsync())["micro-2.0"]);
        await WaitAsync(Bob, await SubmitAsync(Bob, new { method = "ours", model = "short" }));
        var others = Assert.Single((await DivisionsAsync())["micro-2.0"]);
        await WaitAsync(Alice, await SubmitAsync(Alice, new { method = "ours", model = "short" }));
        var after = await DivisionsAsync();

        Assert.Equal((null, "incomplete"), ((int?)before["rank"], (string)before["division"]!["status"]!));
        Assert.Equal("Not ranked until submissions of the same method in the same evaluation division give the training division 1.0.", (string)before["division"]!["reasons"]![0]!);
        Assert.Null(others["rank"]);
        Assert.Equal((1, "complete"), ((int)after["micro-2.0"][0]["rank"]!, (string)after["micro-2.0"][0]["division"]!["status"]!));
        Assert.Equal([1, 1], after["micro-1.0"].Select(row => (int)row["rank"]!));
    }

    [Fact]
    public async Task Detections_compete_by_what_is_declared_and_are_listed_without_it()
    {
        await OpenUsbAsync();
        var declared = new { trainedOn = new[] { new { name = "coco/train2017", epochs = 20 } }, testResolution = "1333x800" };

        await WaitAsync(Alice, await SubmitAsync(Alice, new { method = "stated", detections = Both(20), declared }));
        await WaitAsync(Alice, await SubmitAsync(Alice, new { method = "silent", detections = Both(24) }));
        var wrong = (await SendAsync(HttpMethod.Post, $"{Board}/submissions", Alice, JsonContent.Create(new
        {
            method = "wrong",
            division = "Mini",
            detections = Both(1),
            declared = new { testResolution = "large", pretrainedOn = new[] { new { name = "", epochs = -1 } } },
        })).ProblemAsync(HttpStatusCode.BadRequest))["errors"]!;

        var divisions = await DivisionsAsync();
        Assert.Equal(["standard-1.0", "undeclared"], divisions.Keys);
        Assert.Equal((1, "stated", true), ((int)divisions["standard-1.0"][0]["rank"]!, (string)divisions["standard-1.0"][0]["method"]!, (bool)divisions["standard-1.0"][0]["declared"]!));
        var silent = divisions["undeclared"][0];
        Assert.Equal((null, false, "undeclared"), ((int?)silent["rank"], (bool)silent["declared"]!, (string)silent["division"]!["status"]!));
        Assert.Equal(["declared", "division"], wrong.AsObject().Select(fault => fault.Key));
        Assert.Equal(3, wrong["declared"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_model_is_run_at_the_limit_of_the_division_that_is_asked_for()
    {
        await OpenUsbAsync();
        TestModel.WriteLarge(Folder.File("models"), "any", version: 1, takesAnySize: true);
        TestModel.WriteLarge(Folder.File("models"), "fixed", version: 1, takesAnySize: false);
        Refresh();

        await WaitAsync(Alice, await SubmitAsync(Alice, new { method = "whole", model = "any" }));
        var smaller = await WaitAsync(Alice, await SubmitAsync(Alice, new { method = "smaller", model = "any", division = "mini" }));
        var larger = await RefusedAsync(new { method = "m", model = "any", division = "Huge" });
        var hasOneSize = await RefusedAsync(new { method = "m", model = "fixed", division = "Mini" });
        var unknown = await RefusedAsync(new { method = "m", model = "any", division = "tiny" });

        Assert.True("done" == (string)smaller["state"]!, smaller.ToString());
        Assert.Equal("any", (string)smaller["model"]!);
        var divisions = await DivisionsAsync();
        Assert.Equal(["mini-1.0", "standard-1.0"], divisions.Keys);
        Assert.Equal("smaller", (string)Assert.Single(divisions["mini-1.0"])["method"]!);
        var passport = JsonNode.Parse(await File.ReadAllTextAsync(Folder.File($"workspace/submissions/submission-{smaller["id"]}/1/model.json"), Token))!;
        Assert.InRange((int)passport["input"]!["width"]! * (int)passport["input"]!["height"]!, 200_000, 262_144);
        Assert.Equal("The model looks at 307,200 pixels at most, which is the division Standard; it is not run at more for Huge.", larger);
        Assert.Contains("input 'images' is [?, 3, 480, 640]; the passport says", hasOneSize, StringComparison.Ordinal);
        Assert.StartsWith("There is no evaluation division \"tiny\"; there are Micro, Mini, Standard", unknown);
    }

    [Fact]
    public async Task A_model_without_a_provenance_competes_by_what_is_declared()
    {
        await OpenUsbAsync();
        var passport = JsonNode.Parse(await File.ReadAllTextAsync(Folder.File("models/shapes/1/model.json"), Token))!;
        using var form = new MultipartFormDataContent
        {
            { new StringContent("fixed"), "method" }, { new StringContent("Micro"), "division" },
            { new ByteArrayContent(await File.ReadAllBytesAsync(Folder.File("models/shapes/1/model.onnx"), Token)), "model", "net.onnx" },
            { new StringContent(passport.ToJsonString()), "passport", "model.json" },
        };
        var declared = JsonSerializer.Serialize(new { trainedOn = new[] { new { name = "coco/train2017", epochs = 20 } } });
        form.Add(new StringContent(declared), "declared");

        var done = await WaitAsync(Alice, await SendAsync(HttpMethod.Post, $"{Board}/submissions", Alice, form).JsonAsync(HttpStatusCode.Accepted));
        var row = Assert.Single((await DivisionsAsync())["micro-1.0"]);

        // It keeps to the limit as it is; what is declared stands in for a provenance.
        Assert.Equal(((string)done["id"]!, 1), ((string)row["submission"]!, (int)row["rank"]!));
        Assert.Contains("no passport shows it", row["division"]!["reasons"]!.AsArray().Last()!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Datasets_have_roles_of_their_own()
    {
        await OpenUsbAsync();

        var faults = (await SendAsync(HttpMethod.Post, "/v1/leaderboards", Host, JsonContent.Create(new
        {
            name = "wrong",
            protocol = "usb",
            datasets = new object[] { new { name = "first" }, new { name = "second", role = "voc" }, new { name = "tiny", role = "wod" }, new { name = "first", role = "wod" } },
        })).ProblemAsync(HttpStatusCode.BadRequest))["errors"]!["datasets"]!.AsArray().Select(fault => (string)fault!).ToList();
        var single = await SendAsync(HttpMethod.Post, "/v1/leaderboards", Host, JsonContent.Create(new { name = "wrong", protocol = "usb-wod", datasets = new[] { new { name = "first" } } })).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.StartsWith("datasets[0]: \"role\" is missing; under usb it must be one of coco, wod, m109s", faults[0]);
        Assert.StartsWith("datasets[1]: \"role\" is \"voc\"", faults[1]);
        Assert.Contains("two datasets have the role \"wod\"", faults[2], StringComparison.Ordinal);
        Assert.Equal("A leaderboard of \"usb-wod\" is opened under \"usb\", with a dataset of that role.", (string)single["errors"]!["protocol"]![0]!);
    }

    private async Task OpenUsbAsync()
    {
        await OpenAsync();
        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(HttpMethod.Delete, Board, Host));
        await SendAsync(HttpMethod.Post, "/v1/leaderboards", Host, JsonContent.Create(new
        {
            name = "board",
            protocol = "usb",
            submissionsPerDay = 50,
            datasets = new[] { new { name = "first", role = "coco", split = "test" }, new { name = "second", role = "m109s", split = "test" } },
        })).JsonAsync(HttpStatusCode.Created);
    }

    private void Refresh() => Server.Services.GetRequiredService<ModelRepository>().Refresh();

    private static Dictionary<string, object> Both(int right) => new() { ["first"] = Detections(right), ["second"] = Detections(right) };

    private async Task<SortedDictionary<string, List<JsonNode>>> DivisionsAsync() => new((await GetAsync(Board, Reader).JsonAsync())["divisions"]!.AsArray()
        .ToDictionary(division => (string)division!["id"]!, division => division!["rows"]!.AsArray().Select(row => row!).ToList()), StringComparer.Ordinal);

    private async Task<string> RefusedAsync(object request)
        => (string)(await SendAsync(HttpMethod.Post, $"{Board}/submissions", Alice, JsonContent.Create(request)).ProblemAsync(HttpStatusCode.BadRequest))["errors"]!["division"]![0]!;
}

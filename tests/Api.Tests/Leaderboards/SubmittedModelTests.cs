using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Leaderboards;

/// <summary>ONNX files that are submitted.</summary>
public sealed class SubmittedModelTests : BoardServer
{
    [Fact]
    public async Task A_model_that_is_submitted_is_run_and_is_nobody_elses()
    {
        await OpenAsync();
        var submitted = await SendAsync(HttpMethod.Post, $"{Board}/submissions", Alice, Form("ours")).JsonAsync(HttpStatusCode.Accepted);

        var done = await WaitAsync(Alice, submitted);

        Assert.True("done" == (string)done["state"]!, done.ToString());
        Assert.Equal(("model", null, null), ((string)done["kind"]!, done["model"], done["modelVersion"]));
        // The same numbers as the same model that is served.
        var served = await WaitAsync(Bob, await SubmitAsync(Bob, new { method = "served", model = "shapes" }));
        Assert.Equal(served["headline"]!.ToJsonString(), done["headline"]!.ToJsonString());
        Assert.Equal([1, 1], (await RowsAsync()).Select(row => (int)row["rank"]!));
        var name = $"submission-{done["id"]}";
        Assert.DoesNotContain(name, await TextAsync("/v1/models"));
        Assert.DoesNotContain(name, await TextAsync("/v2/repository/index", HttpMethod.Post));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(HttpMethod.Get, $"/v1/models/{name}", Administrator));
        var evaluation = await SendAsync(HttpMethod.Post, "/v1/evaluations", Alice, JsonContent.Create(new { dataset = "tiny", model = name })).ProblemAsync(HttpStatusCode.BadRequest);
        var another = await SendAsync(HttpMethod.Post, $"{Board}/submissions", Bob, JsonContent.Create(new { method = "theirs", model = name })).ProblemAsync(HttpStatusCode.BadRequest);
        Assert.DoesNotContain("submission-", (string)evaluation["errors"]!["model"]![0]!.ToString().Replace(name, "", StringComparison.Ordinal));
        Assert.Equal($"There is no model \"{name}\".", (string)another["errors"]!["model"]![0]!);
    }

    [Fact]
    public async Task A_withdrawn_model_is_removed()
    {
        await OpenAsync();
        var done = await WaitAsync(Alice, await SendAsync(HttpMethod.Post, $"{Board}/submissions", Alice, Form("ours")).JsonAsync(HttpStatusCode.Accepted));
        Assert.Single(Kept());

        await SendAsync(HttpMethod.Delete, $"{Board}/submissions/{done["id"]}", Alice).JsonAsync();

        Assert.Empty(Kept());
        // What it came to stays, and cannot be run again.
        var id = (string)done["evaluations"]![0]!["id"]!;
        var rerun = await SendAsync(HttpMethod.Post, $"/v1/evaluations/{id}/rerun", Alice).ProblemAsync(HttpStatusCode.Conflict);
        Assert.Equal($"Evaluation {id} cannot be run again: The model that was submitted was withdrawn.", rerun.Detail());
    }

    [Fact]
    public async Task A_model_that_cannot_be_run_is_refused_and_nothing_of_it_is_kept()
    {
        await OpenAsync(submissionsPerDay: 3);

        var broken = await RefusedAsync(Form("ours", graph: [1, 2, 3]));
        var foreign = await RefusedAsync(Form("ours", passport: ""));
        var wrong = await RefusedAsync(Form("ours", passport: "[]"));
        var categories = await RefusedAsync(Form("ours", passport: Passport().Replace("\"light\"", "\"cat\"", StringComparison.Ordinal).Replace("\"dark\"", "\"dog\"", StringComparison.Ordinal)));
        var method = await RefusedAsync(Form("", graph: [1, 2, 3]));

        Assert.Contains("ONNX", broken, StringComparison.Ordinal);
        Assert.NotEmpty(foreign);
        Assert.Equal("The passport is no JSON object.", wrong);
        Assert.Contains("detects none of the dataset's categories", categories, StringComparison.Ordinal);
        Assert.StartsWith("The method is missing", method);
        Assert.Empty(Kept());
        Assert.Equal(3, (int)(await GetAsync(Board, Alice).JsonAsync())["yourQuota"]!["remaining"]!);
    }

    [Fact]
    public async Task No_served_model_takes_the_name_of_a_submitted_one()
    {
        var refused = await SendAsync(HttpMethod.Put, $"/v1/models/submission-{Guid.NewGuid():N}/versions/1", Administrator, new ByteArrayContent(Graph()) { Headers = { ContentType = new("application/octet-stream") } })
            .ProblemAsync(HttpStatusCode.BadRequest);

        Assert.EndsWith("is such a name as models get that are submitted to leaderboards; choose another.", refused.Detail());
    }

    private async Task<string> RefusedAsync(MultipartFormDataContent form)
    {
        var problem = await SendAsync(HttpMethod.Post, $"{Board}/submissions", Alice, form).ProblemAsync(HttpStatusCode.BadRequest);
        Assert.Equal(3, (int)problem["quota"]!["remaining"]!);
        return (string)Assert.Single(problem["errors"]!.AsObject()).Value![0]!;
    }

    private MultipartFormDataContent Form(string method, byte[]? graph = null, string? passport = null)
    {
        var form = new MultipartFormDataContent { { new StringContent(method), "method" }, { new ByteArrayContent(graph ?? Graph()), "model", "net.onnx" } };
        if (passport != "")
            form.Add(new StringContent(passport ?? Passport()), "passport", "model.json");
        return form;
    }

    private byte[] Graph() => File.ReadAllBytes(Folder.File("models/shapes/1/model.onnx"));

    private string Passport() => File.ReadAllText(Folder.File("models/shapes/1/model.json"));

    private string[] Kept() => Directory.Exists(Folder.File("workspace/submissions"))
        ? [.. Directory.GetDirectories(Folder.File("workspace/submissions")).Select(path => Path.GetFileName(path)!).Where(name => name[0] != '.')]
        : [];

    private async Task<string> TextAsync(string path, HttpMethod? method = null)
    {
        using var response = await SendAsync(method ?? HttpMethod.Get, path, Administrator, method is null ? null : JsonContent.Create(new JsonObject()));
        Assert.True(response.IsSuccessStatusCode, $"{path}: {response.StatusCode}");
        return await response.Content.ReadAsStringAsync(Token);
    }
}

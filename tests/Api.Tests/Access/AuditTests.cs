using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serve.Api.Access;
using Serve.Api.Access.Storage;
using Serve.Api.Tests.Detection;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Access;

public sealed class AuditTests : KeyedServer
{
    private protected override (string Key, string Value)[] Settings => [("Serve:AuditDays", "1")];

    [Fact]
    public async Task What_is_changed_and_what_is_refused_is_noted_and_what_is_only_asked_is_not()
    {
        var reader = await NewKeyAsync("eyes", "reader");
        string[] ids = [Administrator.Substring(6, 8), reader.Substring(6, 8)];
        using (await GetAsync("/v1/models", reader))
        using (await SendAsync(HttpMethod.Post, "/v1/detect", reader, DetectTests.Raw(TestPictures.Png())))
        using (await SendAsync(HttpMethod.Post, "/v1/evaluations", reader, JsonContent.Create(new { dataset = "tiny", model = "shapes" })))
        using (await SendAsync(HttpMethod.Post, "/v1/evaluations", Administrator, JsonContent.Create(new { dataset = "none", model = "shapes" })))
        using (await SendAsync(HttpMethod.Post, "/v1/models/shapes/load", Administrator))
        using (await GetAsync("/v1/keys", null))
        {
            // Each is answered.
        }

        var list = await GetAsync("/v1/audit", Administrator).JsonAsync();

        Assert.Equal(
            [
                $"admin administrator {ids[0]} 127.0.0.1 POST /v1/keys/ /v1/keys 201",
                $"eyes reader {ids[1]} 127.0.0.1 POST /v1/evaluations/ /v1/evaluations 403",
                $"admin administrator {ids[0]} 127.0.0.1 POST /v1/models/{{name}}/load /v1/models/shapes/load 200",
                "   127.0.0.1 GET /v1/keys/ /v1/keys 401",
            ],
            list["entries"]!.AsArray().Select(entry => string.Join(' ', ((string[])["name", "role", "keyId", "address", "method", "route", "target", "status"]).Select(field => entry![field]?.ToString() ?? ""))));
        var rest = await GetAsync($"/v1/audit?after={list["entries"]![1]!["id"]}&limit=1", Administrator).JsonAsync();
        Assert.Equal("/v1/models/shapes/load", (string)Assert.Single(rest["entries"]!.AsArray())!["target"]!);
        Assert.Equal((long)rest["entries"]![0]!["id"]!, (long)rest["last"]!);
    }

    [Fact]
    public async Task Entries_are_kept_for_as_long_as_the_settings_say()
    {
        var store = Server.Services.GetRequiredService<AuditStore>();
        foreach (var hours in (int[])[-25, -23])
            await store.AddAsync(new AuditRow { At = DateTime.UtcNow.AddHours(hours), Method = "PUT", Route = "/x", Target = "/x", Status = 200 }, Token);

        await Server.Services.GetRequiredService<AccessUpkeep>().RunAsync(Token);

        Assert.Single(await store.ListAsync(0, 10, Token));
    }

    [Fact]
    public async Task Strangers_do_not_fill_the_log()
    {
        for (var i = 0; i < 150; i++)
            using (await GetAsync("/v1/models", null))
            {
                // Refused.
            }

        var count = ((JsonArray)(await GetAsync("/v1/audit?limit=1000", Administrator).JsonAsync())["entries"]!).Count;

        Assert.InRange(count, 100, 149);
        Assert.Contains("Too many requests without a key to note each in the audit log", Log.Text);
    }
}

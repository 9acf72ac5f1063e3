using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Serve.Api.Access;
using Serve.Api.Access.Storage;
using Serve.Api.Tests.Detection;
using Serve.Api.Tests.Support;
using Serve.Eval;

namespace Serve.Api.Tests.Access;

public sealed class KeyTests : KeyedServer
{
    private protected override (string Key, string Value)[] Settings =>
        [("Logging:LogLevel:Default", "Debug"), ("Logging:LogLevel:Microsoft.AspNetCore", "Debug"), ("Logging:LogLevel:Microsoft.EntityFrameworkCore", "Debug")];

    [Fact]
    public async Task A_key_is_kept_nowhere_and_told_once()
    {
        var reader = await NewKeyAsync("reader", "reader");
        using (await SendAsync(HttpMethod.Post, "/v1/evaluations", Administrator, JsonContent.Create(new { dataset = "tiny", model = "shapes" }), ("Idempotency-Key", "once")))
        using (await GetAsync("/v1/models", reader))
        using (await GetAsync("/v1/keys", reader))
        {
            // Stored and logged as far as they will be.
        }
        var list = (await GetAsync("/v1/keys", Administrator).JsonAsync()).ToJsonString();
        await Server.Services.GetRequiredService<AccessUpkeep>().RunAsync(Token);

        foreach (var key in (string[])[reader, Administrator])
        {
            var secret = key[^43..];
            Assert.DoesNotContain(secret, list);
            Assert.Contains(key.Substring(6, 8), list);
            Assert.Contains("INSERT INTO", Log.Text);
            Assert.DoesNotContain(secret, Log.Text);
            foreach (var file in Directory.EnumerateFiles(Folder.File("workspace"), "*", SearchOption.AllDirectories))
            {
                await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using var bytes = new MemoryStream();
                await stream.CopyToAsync(bytes, Token);
                Assert.True(bytes.GetBuffer().AsSpan(0, (int)bytes.Length).IndexOf(Encoding.ASCII.GetBytes(secret)) < 0, $"{file} holds a key.");
            }
        }
    }

    [Fact]
    public async Task A_revoked_key_is_refused_at_once_and_stays_in_the_list()
    {
        var key = await NewKeyAsync("short", "reader");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(HttpMethod.Get, "/v1/models", key));

        var revoked = await SendAsync(HttpMethod.Delete, $"/v1/keys/{key.Substring(6, 8)}", Administrator).JsonAsync();
        using var response = await GetAsync("/v1/models", key);

        Assert.Equal("Bearer realm=\"serve\", error=\"invalid_token\"", $"{response.Headers.WwwAuthenticate}");
        Assert.StartsWith($"The key \"short\" ({key.Substring(6, 8)}) was revoked at ", (await Task.FromResult(response).ProblemAsync(HttpStatusCode.Unauthorized)).Detail());
        var again = await SendAsync(HttpMethod.Delete, $"/v1/keys/{key.Substring(6, 8)}", Administrator).JsonAsync();
        Assert.Equal((string)revoked["revokedAt"]!, (string)again["revokedAt"]!);
        await SendAsync(HttpMethod.Delete, "/v1/keys/abcdefgh", Administrator).ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_key_that_is_revoked_on_the_command_line_is_refused_within_seconds()
    {
        var key = await NewKeyAsync("elsewhere", "reader");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(HttpMethod.Get, "/v1/models", key));

        await KeysAsync(Folder, "revoke", key.Substring(6, 8));

        var deadline = DateTime.UtcNow.AddSeconds(20);
        while (await StatusAsync(HttpMethod.Get, "/v1/models", key) != HttpStatusCode.Unauthorized)
        {
            Assert.True(DateTime.UtcNow < deadline, "The key is still taken.");
            await Task.Delay(50, Token);
        }
    }

    [Fact]
    public async Task An_expired_key_is_refused()
    {
        var store = Server.Services.GetRequiredService<KeyStore>();
        var (row, key) = await store.CreateAsync(new CheckedKey("old", Role.Reader, DateTime.UtcNow.AddSeconds(-1), null, null), "test", Token);

        var problem = await GetAsync("/v1/models", key).ProblemAsync(HttpStatusCode.Unauthorized);

        Assert.StartsWith($"The key \"old\" ({row.Id}) expired at {row.ExpiresAt:u}.", problem.Detail());
    }

    [Theory]
    [InlineData("secret", "What was sent is not a key of this server; they begin with serve_.")]
    [InlineData("serve_aaaaaaaa_0123456789012345678901234567890123456789012", "This server has no such key.")]
    [InlineData(null, "This server has no such key.")]
    public async Task What_is_no_key_is_refused_and_an_id_with_another_secret_tells_nothing(string? given, string text)
    {
        var problem = await GetAsync("/v1/models", given ?? $"{Administrator[..^4]}AAAA").ProblemAsync(HttpStatusCode.Unauthorized);

        Assert.StartsWith(text, problem.Detail());
    }

    [Fact]
    public async Task A_wrong_request_for_a_key_is_told_all_its_faults()
    {
        var content = JsonContent.Create(new { name = "local", role = "king", expiresAt = "2001-01-01T00:00:00Z", rate = new { perSecond = 0 } });

        var problem = await SendAsync(HttpMethod.Post, "/v1/keys", Administrator, content).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal(["expiresAt", "name", "rate", "role"], problem["errors"]!.AsObject().Select(field => field.Key));
        Assert.Equal("The role is \"king\"; allowed: reader, submitter, host, administrator.", (string)problem["errors"]!["role"]![0]!);
    }

    [Fact]
    public async Task The_last_key_of_an_administrator_is_not_revoked_over_HTTP()
    {
        var path = $"/v1/keys/{Administrator.Substring(6, 8)}";

        var refused = await SendAsync(HttpMethod.Delete, path, Administrator).ProblemAsync(HttpStatusCode.Conflict);
        var other = await NewKeyAsync("other", "administrator");
        await SendAsync(HttpMethod.Delete, path, other).JsonAsync();

        Assert.Contains("is the last of an administrator", refused.Detail());
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(HttpMethod.Get, "/v1/models", Administrator));
    }

    [Fact]
    public async Task A_key_has_its_own_rate_and_others_the_servers()
    {
        var content = JsonContent.Create(new { name = "slow", role = "reader", rate = new { perSecond = 0.05, burst = 1 } });
        var slow = (string)(await SendAsync(HttpMethod.Post, "/v1/keys", Administrator, content).JsonAsync(HttpStatusCode.Created))["key"]!;

        var first = await StatusAsync(HttpMethod.Post, "/v1/detect", slow, DetectTests.Raw(TestPictures.Png()));
        var second = await SendAsync(HttpMethod.Post, "/v1/detect", slow, DetectTests.Raw(TestPictures.Png())).ProblemAsync(HttpStatusCode.TooManyRequests);
        var other = await StatusAsync(HttpMethod.Post, "/v1/detect", Administrator, DetectTests.Raw(TestPictures.Png()));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first, other));
        Assert.StartsWith("Too many requests: 0.05 a second are allowed, 1 at once.", second.Detail());
    }

    [Fact]
    public async Task The_last_use_of_a_key_is_noted()
    {
        var key = await NewKeyAsync("used", "reader");
        using (await GetAsync("/v1/models", key))
            await Server.Services.GetRequiredService<AccessUpkeep>().RunAsync(Token);

        var keys = (await GetAsync("/v1/keys", Administrator).JsonAsync())["keys"]!.AsArray();

        var used = Assert.Single(keys, entry => (string)entry!["name"]! == "used")!;
        Assert.InRange(DateTimeOffset.UtcNow - (DateTimeOffset)used["lastUsedAt"]!, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Assert.Equal(("reader", "admin"), ((string)used["role"]!, (string)used["createdBy"]!));
    }

    [Fact]
    public async Task The_command_line_lists_keys_and_says_what_is_wrong()
    {
        await KeysAsync(Folder, "create", "ci", "--role=submitter", "--expires", "90d", "--rate", "5", "--burst", "20");

        var lines = (await KeysAsync(Folder, "list")).Split(Environment.NewLine);

        Assert.Equal(["id", "name", "role", "created", "last", "used", "state"], lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["ci", "submitter"], lines[2].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..3]);
        Assert.Contains("until ", lines[2]);
        Assert.StartsWith("There is no key \"none\"", (await Assert.ThrowsAsync<InvalidInputException>(() => KeysAsync(Folder, "revoke", "none"))).Message);
        Assert.Contains("The role is missing", (await Assert.ThrowsAnyAsync<InvalidInputException>(() => KeysAsync(Folder, "create", "x"))).Message);
        Assert.StartsWith("--expires: \"soon\" is no time", (await Assert.ThrowsAsync<InvalidInputException>(() => KeysAsync(Folder, "create", "x", "--role", "reader", "--expires", "soon"))).Message);
        Assert.StartsWith("serve keys delete: there is no such command.", (await Assert.ThrowsAsync<InvalidInputException>(() => KeysAsync(Folder, "delete"))).Message);
    }

    [Fact]
    public async Task Pages_of_other_origins_manage_no_keys()
    {
        using var response = await SendAsync(HttpMethod.Get, "/v1/keys", Administrator, null, ("Origin", "http://elsewhere.example"));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Serve.Api.Tests.Access;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Pages;

public sealed class CallerTests : KeyedServer
{
    [Fact]
    public async Task A_key_is_told_its_name_its_role_and_whether_it_changes_models()
    {
        var submitter = await NewKeyAsync("ann", "submitter");

        var administrator = await GetAsync("/v1/caller", Administrator).JsonAsync();
        var other = await GetAsync("/v1/caller", submitter).JsonAsync();

        Assert.Equal("""{"name":"admin","role":"administrator","needsKey":true,"changesModels":true}""", administrator.ToJsonString());
        Assert.Equal("""{"name":"ann","role":"submitter","needsKey":true,"changesModels":false}""", other.ToJsonString());
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(HttpMethod.Get, "/v1/caller", null));
    }

    [Fact]
    public async Task Where_no_key_is_needed_everyone_is_local()
    {
        using var folder = TestFiles.NewFolder();
        await using var open = await ServeApplication.StartAsync(folder.Path);
        await using var fixedModels = await ServeApplication.StartAsync(folder.File("other"), ("Serve:ManageModels", "false"));

        Assert.Equal("""{"name":"local","role":"administrator","needsKey":false,"changesModels":true}""", await open.Client.GetStringAsync("/v1/caller", Token));
        Assert.Equal(false, (bool?)(await fixedModels.Client.GetFromJsonAsync<JsonNode>("/v1/caller", Token))!["changesModels"]);
    }
}

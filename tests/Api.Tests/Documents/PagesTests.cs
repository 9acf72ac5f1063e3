using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Documents;

public class PagesTests(ServeFixture serve)
{
    [Fact]
    public async Task The_root_is_the_try_out_page_and_loads_nothing_from_elsewhere()
    {
        var page = await serve.Client.GetStringAsync("/", TestContext.Current.CancellationToken);

        Assert.Contains("<title>Serve", page);
        Assert.DoesNotContain("http://", page);
        Assert.DoesNotContain("https://", page);
    }

    [Fact]
    public async Task Swagger_is_served_with_its_own_scripts_and_our_document()
    {
        var page = await serve.Client.GetStringAsync("/swagger/index.html", TestContext.Current.CancellationToken);
        var script = await serve.Client.GetStringAsync("/swagger/swagger-ui-bundle.js", TestContext.Current.CancellationToken);
        var start = await serve.Client.GetStringAsync("/swagger/index.js", TestContext.Current.CancellationToken);

        Assert.Contains("./swagger-ui-bundle.js", page);
        Assert.True(script.Length > 100_000);
        Assert.Contains("/openapi/v1.json", page + start);
    }
}

using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Serve.Api.Detection.Fetching;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Detection.Fetching;

public sealed class FetchTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();
    private PictureHost? _host;
    private int _lookUps;

    // The local server stands for a public host; every other name and address is judged as usual.
    private bool _localIsPublic = true;
    private IPAddress[] _answer = [IPAddress.Loopback];

    public async ValueTask InitializeAsync()
    {
        TestModel.Write(_folder.File("models"), "shapes", version: 1);
        _host = await PictureHost.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host!.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Fetching_is_off_unless_the_operator_says_so()
    {
        await using var server = await ServeApplication.StartAsync(_folder.Path);

        var problem = await DetectAsync(server, Url("/picture.png")).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal("images[0].url: this server fetches no pictures. Send the picture itself, or have its operator set Serve:Fetch:Enabled.", problem.Detail());
        Assert.Equal(0, _host!.Requests);
    }

    [Fact]
    public async Task A_fetched_picture_has_the_detections_of_the_same_one_sent()
    {
        await using var server = await StartAsync();
        var sent = await server.Client.PostAsync("/v1/detect?score=0", DetectTests.Raw(TestPictures.Png(3)), Token).JsonAsync();

        var fetched = await DetectAsync(server, Url("/picture.png"), Url("/twice")).JsonAsync();

        Assert.Equal(Url("/picture.png"), (string?)fetched["images"]![0]!["fileName"]);
        Assert.Equal(DetectTests.Found(sent).ToJsonString(), DetectTests.Found(fetched).ToJsonString());
        Assert.Equal(DetectTests.Found(sent).ToJsonString(), DetectTests.Found(fetched, 1).ToJsonString());
    }

    [Theory]
    [InlineData("ftp://pictures.test/a.png", "expected an http or https address")]
    [InlineData("file:///etc/passwd", "expected an http or https address")]
    [InlineData("picture.png", "expected an http or https address")]
    [InlineData("http://name:password@pictures.test/a.png", "an address must not hold a name or password.")]
    [InlineData("http://elsewhere.test/a.png", "the host \"elsewhere.test\" is not one that this server fetches from.")]
    [InlineData("http://pictures.test:1/a.png", "the host \"pictures.test:1\" is not one that this server fetches from.")]
    public async Task What_is_not_on_the_list_is_refused_before_anything_is_asked(string url, string cause)
    {
        await using var server = await StartAsync();

        var problem = await DetectAsync(server, url).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.StartsWith("images[0].url: ", problem.Detail());
        Assert.Contains(cause, problem.Detail());
        Assert.Equal((0, 0), (_host!.Requests, _lookUps));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.0.0.8")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("fd00::1")]
    [InlineData("93.184.215.14,127.0.0.1")]
    public async Task A_name_with_a_private_address_is_refused(string addresses)
    {
        _localIsPublic = false;
        _answer = [.. addresses.Split(',').Select(IPAddress.Parse)];
        await using var server = await StartAsync();

        var problem = await DetectAsync(server, Url("/picture.png")).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal("images[0].url: The host \"pictures.test\" has no public address.", problem.Detail());
        Assert.Equal(0, _host!.Requests);
    }

    [Theory]
    [InlineData("http://127.0.0.1")]
    [InlineData("http://2130706433")]
    [InlineData("http://[::1]")]
    [InlineData("http://[::ffff:127.0.0.1]")]
    public async Task A_private_address_is_refused_without_a_name_too(string host)
    {
        _localIsPublic = false;
        await using var server = await StartAsync($"*:{_host!.Port}");

        var problem = await DetectAsync(server, $"{host}:{_host.Port}/picture.png").ProblemAsync(HttpStatusCode.BadRequest);

        Assert.EndsWith("has no public address.", problem.Detail());
        Assert.Equal((0, 0), (_host.Requests, _lookUps));
    }

    [Fact]
    public async Task A_redirect_is_checked_like_the_first_address()
    {
        await using var server = await StartAsync();
        _answer = [IPAddress.Loopback];

        var elsewhere = await DetectAsync(server, Url("/to/" + Uri.EscapeDataString("http://metadata.test/latest"))).ProblemAsync(HttpStatusCode.BadRequest);
        var file = await DetectAsync(server, Url("/to/" + Uri.EscapeDataString("file:///etc/passwd"))).ProblemAsync(HttpStatusCode.BadRequest);
        var round = await DetectAsync(server, Url("/round")).ProblemAsync(HttpStatusCode.BadGateway);

        Assert.Contains("the host \"metadata.test\" is not one that this server fetches from.", elsewhere.Detail());
        Assert.Contains("expected an http or https address", file.Detail());
        Assert.Contains("it is redirected more than 3 times.", round.Detail());
    }

    [Fact]
    public async Task Each_connection_goes_to_an_address_that_was_checked()
    {
        // A name server that gives a public address first and a private one after: whoever resolves twice is caught.
        var answers = new Queue<IPAddress>([IPAddress.Loopback, IPAddress.Parse("10.0.0.8")]);
        await using var server = await StartAsync(addresses: new TestAddresses(_ => [answers.Dequeue()], address => address.Equals(IPAddress.Loopback)));

        await DetectAsync(server, Url("/picture.png")).JsonAsync();

        Assert.Single(answers);
    }

    [Theory]
    [InlineData("/missing.png", HttpStatusCode.BadGateway, "its host answered 404.")]
    [InlineData("/large.png", HttpStatusCode.RequestEntityTooLarge, "the picture has more than the 2,000,000 bytes that are allowed.")]
    [InlineData("/endless.png", HttpStatusCode.RequestEntityTooLarge, "the picture has more than the 2,000,000 bytes that are allowed.")]
    [InlineData("/slow.png", HttpStatusCode.GatewayTimeout, "it was not there within 1 s.")]
    public async Task A_host_that_does_not_give_the_picture_is_told(string path, HttpStatusCode status, string cause)
    {
        await using var server = await StartAsync();

        var problem = await DetectAsync(server, Url(path)).ProblemAsync(status);

        Assert.Equal($"images[0].url: {cause}", problem.Detail());
    }

    [Fact]
    public async Task A_partial_answer_has_those_that_could_be_fetched()
    {
        await using var server = await StartAsync();

        var answer = await DetectAsync(server, "partial=true", Url("/missing.png"), Url("/picture.png"), "http://elsewhere.test/").JsonAsync();

        Assert.Equal([502, null, 400], answer["images"]!.AsArray().Select(image => (int?)image!["error"]?["status"]));
        Assert.NotEmpty(DetectTests.Found(answer, 1).AsArray());
    }

    private string Url(string path) => $"http://pictures.test:{_host!.Port}{path}";

    private Task<ServeApplication> StartAsync(string? hosts = null, IAddressPolicy? addresses = null) => ServeApplication.StartAsync(
        _folder.Path,
        services => services.AddSingleton(addresses ?? new TestAddresses(Resolve, address => (_localIsPublic && IPAddress.IsLoopback(address)) || PublicAddress.Is(address))),
        ("Serve:Fetch:Enabled", "true"), ("Serve:Fetch:Hosts", hosts ?? $"pictures.test:{_host!.Port}"), ("Serve:Fetch:TimeoutSeconds", "1"), ("Serve:MaxBytes", "2000000"));

    private IPAddress[] Resolve(string host)
    {
        Interlocked.Increment(ref _lookUps);
        return _answer;
    }

    private static Task<HttpResponseMessage> DetectAsync(ServeApplication server, params string[] urls)
    {
        var query = urls is ["partial=true", ..] ? "&partial=true" : "";
        var images = urls.Skip(query.Length > 0 ? 1 : 0).Select(url => new { url });
        return server.Client.PostAsJsonAsync($"/v1/detect?score=0{query}", new { images }, Token);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}

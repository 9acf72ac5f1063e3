using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Serve.Api.OpenInference;

namespace Serve.Api.Tests.OpenInference;

/// <summary>Compressed and chunked bodies.</summary>
public sealed class CompressionTests : IAsyncLifetime
{
    private const string Request = """{"inputs":[{"name":"x","shape":[3],"datatype":"INT32","data":[1,2,3]}]}""";
    private const string Answer = """{"model_name":"m","model_version":"1","outputs":[{"name":"y","shape":[3],"datatype":"INT32","data":[1,2,3]}]}""";

    private ViewHost? _host;

    public async ValueTask InitializeAsync() => _host = await ViewHost.StartAsync(TestView.Echo(TensorDatatype.Int32));

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
    }

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("x-gzip", "gzip")]
    [InlineData("deflate", "zlib")]
    [InlineData("deflate", "deflate")]
    [InlineData("identity", "")]
    [InlineData("gzip, deflate", "gzip,zlib")]
    public async Task A_request_may_be_compressed(string header, string how)
    {
        var body = how.Split(',').Aggregate(Encoding.UTF8.GetBytes(Request), Compress);

        using var response = await PostAsync(body, header);

        Assert.Equal(Answer, Encoding.UTF8.GetString(await response.BytesAsync()));
    }

    [Fact]
    public async Task The_length_of_the_json_is_that_of_the_decompressed_body()
    {
        var json = """{"inputs":[{"name":"x","shape":[1],"datatype":"INT32","parameters":{"binary_data_size":4}}]}""";
        var body = Compress([.. Encoding.UTF8.GetBytes(json), 5, 0, 0, 0], "gzip");

        using var response = await PostAsync(body, "gzip", ("Inference-Header-Content-Length", $"{json.Length}"));

        Assert.Contains("\"data\":[5]", Encoding.UTF8.GetString(await response.BytesAsync()));
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip, zstd")]
    [InlineData("gzip, gzip, gzip")]
    public async Task An_unknown_encoding_is_415_and_names_the_known_ones(string header)
    {
        using var response = await PostAsync(Encoding.UTF8.GetBytes(Request), header);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Equal("gzip, deflate", string.Join(", ", response.Headers.GetValues("Accept-Encoding")));
    }

    [Fact]
    public async Task A_damaged_compressed_body_is_400()
    {
        var error = await PostAsync(Encoding.UTF8.GetBytes(Request), "gzip").ErrorAsync(HttpStatusCode.BadRequest);

        Assert.Equal("The body is not gzip, as its Content-Encoding says, or is damaged.", error);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task A_body_that_grows_above_the_limit_is_413(string encoding)
    {
        var bomb = Compress(new byte[50_000_000], encoding);
        Assert.True(bomb.Length < ViewHost.Limit);

        var error = await PostAsync(bomb, encoding).ErrorAsync(HttpStatusCode.RequestEntityTooLarge);

        Assert.Equal("The body has more than 100,000 bytes once decompressed; at most so many are allowed.", error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_above_the_limit_is_413(bool chunked)
    {
        using var content = chunked ? new StreamContent(new EndlessStream(ViewHost.Limit + 1)) : (HttpContent)new ByteArrayContent(new byte[ViewHost.Limit + 1]);
        using var request = new HttpRequestMessage(HttpMethod.Post, _host!.Path) { Content = content };
        request.Headers.TransferEncodingChunked = chunked ? true : null;

        await _host.Client.SendAsync(request, TestContext.Current.CancellationToken).ErrorAsync(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task A_chunked_request_needs_no_length()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _host!.Path) { Content = new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes(Request))) };
        request.Headers.TransferEncodingChunked = true;

        using var response = await _host.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(Answer, Encoding.UTF8.GetString(await response.BytesAsync()));
    }

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("deflate", "deflate")]
    [InlineData("gzip;q=0.4, deflate;q=0.8", "deflate")]
    [InlineData("*", "gzip")]
    [InlineData("gzip;q=0", null)]
    [InlineData("gzip;q=0.5, identity", null)]
    [InlineData("br", null)]
    [InlineData("identity", null)]
    [InlineData(null, null)]
    public async Task A_json_answer_is_compressed_when_the_client_asks(string? accept, string? expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _host!.Path) { Content = new StringContent(Request) };
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept-Encoding", accept);

        using var response = await _host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.BytesAsync();

        Assert.Equal(expected, response.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal(Answer, Encoding.UTF8.GetString(Decompress(body, expected)));
    }

    [Fact]
    public async Task Blocks_are_not_compressed()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _host!.Path) { Content = new StringContent(Request.Insert(1, "\"parameters\":{\"binary_data_output\":true},")) };
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip");

        using var response = await _host.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Empty(response.Content.Headers.ContentEncoding);
        Assert.Equal([1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0], (await response.BytesAsync())[^12..]);
    }

    private Task<HttpResponseMessage> PostAsync(byte[] body, string encoding, params (string Name, string Value)[] headers)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        foreach (var (name, value) in headers)
            content.Headers.TryAddWithoutValidation(name, value);
        return _host!.Client.PostAsync(_host.Path, content, TestContext.Current.CancellationToken);
    }

    private static byte[] Compress(byte[] body, string how)
    {
        using var target = new MemoryStream();
        using (Stream? stream = how switch
        {
            "gzip" => new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true),
            "zlib" => new ZLibStream(target, CompressionLevel.Optimal, leaveOpen: true),
            "deflate" => new DeflateStream(target, CompressionLevel.Optimal, leaveOpen: true),
            _ => null,
        })
            (stream ?? target).Write(body);
        return target.ToArray();
    }

    private static byte[] Decompress(byte[] body, string? encoding)
    {
        using var source = new MemoryStream(body);
        using Stream stream = encoding switch
        {
            "gzip" => new GZipStream(source, CompressionMode.Decompress),
            "deflate" => new ZLibStream(source, CompressionMode.Decompress),
            _ => source,
        };
        using var target = new MemoryStream();
        stream.CopyTo(target);
        return target.ToArray();
    }

    /// <summary>So many zeros, which say not how many they are.</summary>
    private sealed class EndlessStream(int length) : MemoryStream(new byte[length], writable: false)
    {
        public override bool CanSeek => false;
    }
}

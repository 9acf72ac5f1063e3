using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Serve.Api.Tests.Support;
using Serve.Inference.Pictures;

namespace Serve.Api.Tests.Detection;

public class DetectFaultTests(ServeFixture serve)
{
    [Theory]
    [InlineData("score=high", "Parameter \"score\": \"high\" is not a number.")]
    [InlineData("score=1.5", "Parameter \"score\": 1.5 is not between 0 and 1.")]
    [InlineData("confidence=0.3", "There is no parameter \"confidence\"; there are model, version, score, iou, max, classes, masks, format, partial, timeout, priority.")]
    [InlineData("score=NaN", "Parameter \"score\": NaN is not between 0 and 1.")]
    [InlineData("max=0", "Parameter \"max\": 0 is not between 1 and 1000.")]
    [InlineData("max=2.5", "Parameter \"max\": \"2.5\" is not a whole number.")]
    [InlineData("version=x", "Parameter \"version\": \"x\" is not a whole number.")]
    [InlineData("partial=maybe", "Parameter \"partial\": \"maybe\" is not true or false.")]
    public async Task A_wrong_parameter_is_400_with_its_range(string query, string detail)
    {
        var problem = await serve.Client.PostAsync($"/v1/detect?{query}", DetectTests.Raw(TestPictures.Png()), Token).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal(detail, problem.Detail());
    }

    [Theory]
    [InlineData("model=missing", "There is no model \"missing\". Models: other, shapes.")]
    [InlineData("model=shapes&version=7", "Model \"shapes\" has no version 7; its versions are 1, 2. Models: other, shapes.")]
    public async Task An_unknown_model_is_404_with_the_list(string query, string detail)
    {
        var problem = await serve.Client.PostAsync($"/v1/detect?{query}", DetectTests.Raw(TestPictures.Png()), Token).ProblemAsync(HttpStatusCode.NotFound);

        Assert.Equal(detail, problem.Detail());
        Assert.Equal(["other", "shapes"], problem["models"]!.AsArray().Select(name => (string)name!));
    }

    [Fact]
    public async Task An_empty_body_is_400()
    {
        var problem = await serve.Client.PostAsync("/v1/detect", DetectTests.Raw([]), Token).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.StartsWith("The request holds no picture: its body is empty.", problem.Detail());
    }

    [Fact]
    public async Task A_format_that_is_not_read_is_415_with_the_formats_that_are()
    {
        var problem = await serve.Client.PostAsync("/v1/detect", DetectTests.Raw(Encoding.ASCII.GetBytes("just some text, no picture at all")), Token)
            .ProblemAsync(HttpStatusCode.UnsupportedMediaType);

        Assert.Equal(PictureDecoder.MediaTypes, problem["supported"]!.AsArray().Select(type => (string)type!));
        Assert.Contains("image/jpeg", problem.Detail());
    }

    [Theory]
    [InlineData("text/plain", "The content type \"text/plain\" is not read here.")]
    [InlineData("application/x-www-form-urlencoded", "With curl: -F image=@FILE")]
    public async Task A_content_type_that_is_not_read_is_415_with_those_that_are(string type, string detail)
    {
        var problem = await serve.Client.PostAsync("/v1/detect", DetectTests.Raw(TestPictures.Png(), type), Token).ProblemAsync(HttpStatusCode.UnsupportedMediaType);

        Assert.Contains(detail, problem.Detail());
        Assert.Contains("multipart/form-data", problem["supported"]!.AsArray().Select(form => (string)form!));
    }

    [Fact]
    public async Task A_damaged_picture_is_422()
    {
        var png = TestPictures.Png();

        var problem = await serve.Client.PostAsync("/v1/detect", DetectTests.Raw(png[..(png.Length / 2)]), Token).ProblemAsync(HttpStatusCode.UnprocessableEntity);

        Assert.NotEmpty(problem.Detail());
    }

    [Fact]
    public async Task A_picture_of_too_many_bytes_is_413_before_it_is_read()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/detect") { Content = new EndlessContent(claimedLength: 3_000_000) };
        request.Headers.ExpectContinue = true;

        var problem = await serve.Client.SendAsync(request, Token).ProblemAsync(HttpStatusCode.RequestEntityTooLarge);

        Assert.Equal("The body has 3,000,000 bytes; at most 2,000,000 are allowed.", problem.Detail());
    }

    [Fact]
    public async Task A_chunked_body_is_413_once_it_passes_the_limit()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/detect") { Content = DetectTests.Raw(new byte[2_000_001]) };
        request.Headers.TransferEncodingChunked = true;

        await serve.Client.SendAsync(request, Token).ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task A_picture_of_too_many_pixels_is_413()
    {
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "shapes", version: 1);
        await using var small = await ServeApplication.StartAsync(folder.Path, ("Serve:MaxPixels", "3000"));

        await small.Client.PostAsync("/v1/detect", DetectTests.Raw(TestPictures.Png()), Token).ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task One_bad_file_of_several_refuses_the_request_and_is_named()
    {
        var problem = await serve.Client.PostAsync(
            "/v1/detect", DetectTests.Form(("a", "good.png", TestPictures.Png()), ("b", "bad.png", TestPictures.Png()[..60]), ("c", "text.png", "no picture here"u8.ToArray())), Token)
            .ProblemAsync(HttpStatusCode.UnprocessableEntity);

        Assert.StartsWith("images[1] (bad.png): ", problem.Detail());
        Assert.Equal(1, (int)problem["index"]!);
        Assert.Equal("bad.png", (string)problem["fileName"]!);
    }

    [Fact]
    public async Task Too_many_files_are_400()
    {
        var file = ("x", "a.png", TestPictures.Png());

        var problem = await serve.Client.PostAsync("/v1/detect", DetectTests.Form(file, file, file, file), Token).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal("The form holds more than the 3 files that are allowed.", problem.Detail());
    }

    [Fact]
    public async Task A_form_without_files_or_with_a_text_field_is_400()
    {
        using var fields = new MultipartFormDataContent { { new StringContent("0.5"), "score" } };

        var field = await serve.Client.PostAsync("/v1/detect", fields, Token).ProblemAsync(HttpStatusCode.BadRequest);
        var none = await serve.Client.PostAsync("/v1/detect", DetectTests.Raw("--x--\r\n"u8.ToArray(), "multipart/form-data; boundary=x"), Token).ProblemAsync(HttpStatusCode.BadRequest);
        var cut = await serve.Client.PostAsync("/v1/detect", DetectTests.Raw("--x\r\nContent-Dispos"u8.ToArray(), "multipart/form-data; boundary=x"), Token).ProblemAsync(HttpStatusCode.BadRequest);
        var noBoundary = await serve.Client.PostAsync("/v1/detect", DetectTests.Raw("--x--"u8.ToArray(), "multipart/form-data"), Token).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.StartsWith("The form field \"score\" is not a file.", field.Detail());
        Assert.Equal("The form holds no files; send 1 or more.", none.Detail());
        Assert.StartsWith("The multipart form is malformed: ", cut.Detail());
        Assert.Equal("The multipart form is malformed: the content type has no boundary.", noBoundary.Detail());
    }

    [Theory]
    [InlineData("{", "$")]
    [InlineData("[]", "$")]
    [InlineData("null", "$.images")]
    [InlineData("{}", "$")]
    [InlineData("""{"images":[]}""", "$.images")]
    [InlineData("""{"images":[{"base64":5}]}""", "$.images[0].base64")]
    [InlineData("""{"images":[{"base64":"AAAA"},{"base64":"%%%"}]}""", "$.images[1].base64")]
    [InlineData("""{"images":[{"base64":"AAAA"},null]}""", "$.images[1].base64")]
    [InlineData("""{"images":[{"base64":"AAAA","fileName":"\ud800"}]}""", "$")]
    public async Task Malformed_json_or_base64_is_400_with_its_path(string json, string path)
    {
        var problem = await serve.Client.PostAsync("/v1/detect", new StringContent(json, Encoding.UTF8, "application/json"), Token).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.StartsWith($"The JSON body is wrong at {path}", problem.Detail());
        Assert.DoesNotContain("System.", problem.Detail());
    }

    [Fact]
    public async Task A_drawn_answer_of_several_pictures_is_400()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/detect")
        {
            Content = DetectTests.Form(("a", "a.png", TestPictures.Png()), ("b", "b.png", TestPictures.Png())),
            Headers = { Accept = { new MediaTypeWithQualityHeaderValue("image/png") } },
        };

        // The problem is a problem document though the client only accepts a picture.
        var problem = await serve.Client.SendAsync(request, Token).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal("A drawn answer (image/png) shows one picture, the request has 2. Send one, or accept application/json.", problem.Detail());
    }

    [Fact]
    public async Task An_answer_type_that_is_not_written_is_406_with_those_that_are()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/detect")
        {
            Content = DetectTests.Raw(TestPictures.Png()),
            Headers = { Accept = { new MediaTypeWithQualityHeaderValue("text/html") } },
        };

        var problem = await serve.Client.SendAsync(request, Token).ProblemAsync(HttpStatusCode.NotAcceptable);

        Assert.Contains("application/json, image/png, image/jpeg, image/webp", problem.Detail());
    }

    [Fact]
    public async Task A_full_queue_is_503_with_RetryAfter()
    {
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "shapes", version: 1);
        await using var busy = await ServeApplication.StartAsync(folder.Path, ("Serve:MaxConcurrentRequests", "1"), ("Serve:MaxQueuedRequests", "0"));
        using var stuck = new StuckContent();
        var first = busy.Client.PostAsync("/v1/detect", stuck, Token);
        await stuck.Begun;

        using var second = await busy.Client.PostAsync("/v1/detect", DetectTests.Raw(TestPictures.Png()), Token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), second.Headers.RetryAfter?.Delta);
        await Task.FromResult(second).ProblemAsync(HttpStatusCode.ServiceUnavailable);
        stuck.Release();
        await first.ProblemAsync(HttpStatusCode.UnsupportedMediaType);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Claims a length and never gets to send it: the server must answer from the headers alone.</summary>
    private sealed class EndlessContent : HttpContent
    {
        private readonly long _length;

        public EndlessContent(long claimedLength) => (_length, Headers.ContentType) = (claimedLength, new MediaTypeHeaderValue("image/png"));

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new InvalidOperationException("The body was asked for.");

        protected override bool TryComputeLength(out long length) => (length = _length) > 0;
    }

    /// <summary>Sends a few bytes and then waits.</summary>
    private sealed class StuckContent : HttpContent
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task;

        public void Release() => _released.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("not a picture, and slow"u8.ToArray());
            await stream.FlushAsync();
            // The bytes are on their way; the request holds its permit from the headers on.
            await Task.Delay(200);
            _begun.TrySetResult();
            await _released.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}

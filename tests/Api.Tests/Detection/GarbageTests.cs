using System.Net.Sockets;
using System.Text;
using Serve.Api.Tests.Support;
using Serve.Inference.Pictures;

namespace Serve.Api.Tests.Detection;

[CollectionDefinition(nameof(GarbageTests), DisableParallelization = true)]
public sealed class AloneCollection;

/// <summary>Runs alone: what is counted is what the whole process allocates.</summary>
[Collection(nameof(GarbageTests))]
public class GarbageTests
{
    private const int Requests = 1000;

    // libvips is spoken to through objects of its binding, some kilobytes a picture, where libturbojpeg is not there.
    private static readonly int MostBytesAPicture = PictureDecoder.JpegLibrary == "libturbojpeg" ? 8192 : 16_384;

    [Fact]
    public async Task A_thousand_requests_leave_less_than_8_kB_of_garbage_each_and_twice_that_without_the_fast_library()
    {
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "shapes", version: 1);
        await using var server = await ServeApplication.StartAsync(folder.Path);
        var picture = TestPictures.Jpeg(5, 640, 480);
        var request = (byte[])[.. Encoding.ASCII.GetBytes(FormattableString.Invariant(
            $"POST /v1/detect HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\nContent-Length: {picture.Length}\r\n\r\n")), .. picture];
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(server.Client.BaseAddress!.Host, server.Client.BaseAddress.Port, TestContext.Current.CancellationToken);
        var answer = new byte[64 << 10];
        Send(client, request, answer, 200);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        Send(client, request, answer, Requests);
        var each = (GC.GetTotalAllocatedBytes(precise: true) - before) / Requests;

        TestContext.Current.SendDiagnosticMessage($"{each} bytes a picture");
        Assert.InRange(each, 0, MostBytesAPicture);
    }

    // Blocking and in one buffer, so that the client itself allocates nothing.
    private static void Send(Socket client, byte[] request, byte[] answer, int times)
    {
        for (var i = 0; i < times; i++)
        {
            client.Send(request);
            var length = 0;
            while (!answer.AsSpan(0, length).EndsWith("\r\n0\r\n\r\n"u8))
                length += client.Receive(answer.AsSpan(length));
            Assert.True(answer.AsSpan().StartsWith("HTTP/1.1 200"u8));
        }
    }
}

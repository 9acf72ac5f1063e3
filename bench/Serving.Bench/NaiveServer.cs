using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Serve.Serving.Bench;

/// <summary>A server as a first afternoon gives it: one session with the runtime's own threads, each request decoded and run by itself.</summary>
internal static class NaiveServer
{
    /// <summary>Listens until it is cancelled.</summary>
    public static async Task RunAsync(string model, int port, CancellationToken ct)
    {
        using var plain = new PlainModel(model, threads: 0);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = 32 << 20);
        await using var app = builder.Build();
        app.MapPost("/v1/detect", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
            var (pixels, width, height) = PlainPicture.Decode(body.ToArray());
            var tensor = plain.NewTensor();
            var found = plain.Detect(tensor, plain.Letterbox(pixels, width, height, tensor));
            return Results.Json(new { detections = found.Select(one => new { categoryId = one.Label, score = one.Score, box = one.Box }) });
        });
        await app.StartAsync(ct);
        await app.WaitForShutdownAsync(ct);
    }
}

using System.IO.Compression;
using System.Text;
using Serve.Api.Tests.OpenInference;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Fuzz;

/// <summary>A request to be damaged.</summary>
/// <param name="Method">Its verb.</param>
/// <param name="Path">Its path and query.</param>
/// <param name="Headers">Headers of its body.</param>
/// <param name="Body">Its body.</param>
/// <param name="IsRight">Whether it is answered as it is.</param>
internal sealed record FuzzSeed(HttpMethod Method, string Path, (string Name, string Value)[] Headers, byte[] Body, bool IsRight = true);

/// <summary>Right requests of every kind that takes a body.</summary>
internal static class FuzzSeeds
{
    private const string JsonLength = "Inference-Header-Content-Length";

    /// <summary>Detection and inference.</summary>
    public static IReadOnlyList<FuzzSeed> Inference()
    {
        var (png, jpeg) = (TestPictures.Png(1), TestPictures.Jpeg(2));
        var base64 = Convert.ToBase64String(png);
        var block = ProtocolClient.Strings([png, jpeg]);
        var pictures = $$$"""{"id":"7","inputs":[{"name":"image","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":{{{block.Length}}}}}],"parameters":{"binary_data_output":true}}""";
        var tensor = new byte[3 * 48 * 64 * 4];
        var raw = $$$"""{"inputs":[{"name":"images","shape":[1,3,48,64],"datatype":"FP32","parameters":{"binary_data_size":{{{tensor.Length}}}}}],"outputs":[{"name":"scores"},{"name":"labels","parameters":{"binary_data":true}}]}""";
        var json = $$$"""{"inputs":[{"name":"image","shape":[1],"datatype":"BYTES","data":["{{{base64}}}"]}],"parameters":{"confidence":0.2,"max_detections":2,"priority":1,"timeout":5000000}}""";
        return
        [
            Post("/v1/detect?score=0.2", png, ("Content-Type", "image/png")),
            Post("/v1/detect?max=2", jpeg, ("Content-Type", "application/octet-stream")),
            Post("/v1/detect", $$"""{"images":[{"fileName":"a.png","base64":"{{base64}}"}]}""", ("Content-Type", "application/json")),
            Post("/v1/detect", Form(png, jpeg), ("Content-Type", "multipart/form-data; boundary=edge")),
            Post("/v2/models/shapes/infer", json),
            Post("/v2/models/shapes/infer", [.. Encoding.UTF8.GetBytes(pictures), .. block], (JsonLength, $"{pictures.Length}")),
            Post("/v2/models/shapes/infer", jpeg, (JsonLength, "0")),
            Post("/v2/models/shapes/infer", Gzip(json), ("Content-Encoding", "gzip")),
            Post("/v2/models/shapes.raw/infer", [.. Encoding.UTF8.GetBytes(raw), .. tensor], (JsonLength, $"{raw.Length}")),
            Post("/v2/models/shapes.raw/infer", """{"inputs":[{"name":"images","shape":[1,3,48,64],"datatype":"FP32","data":[[[0.5,1,2e3]]]}]}""") with { IsRight = false },
            Post("/v2/repository/index", """{"ready":true}"""),
        ];
    }

    /// <summary>Models to put.</summary>
    public static IReadOnlyList<FuzzSeed> Models(string folder)
    {
        var model = TestModel.Write(folder, "fuzz", 1);
        var (graph, passport) = (File.ReadAllBytes(Path.Combine(model, "model.onnx")), File.ReadAllBytes(Path.Combine(model, "model.json")));
        byte[] form = [.. Part("model.onnx", graph), .. Part("model.json", passport), .. "--edge--\r\n"u8];
        return
        [
            new(HttpMethod.Put, "/v1/models/fuzz/versions/1", [("Content-Type", "application/octet-stream")], graph, IsRight: false),
            new(HttpMethod.Put, "/v1/models/fuzz/versions/1", [("Content-Type", "multipart/form-data; boundary=edge")], form),
        ];
    }

    private static FuzzSeed Post(string path, byte[] body, params (string Name, string Value)[] headers) => new(HttpMethod.Post, path, headers, body);

    private static FuzzSeed Post(string path, string body, params (string Name, string Value)[] headers) => Post(path, Encoding.UTF8.GetBytes(body), headers);

    private static byte[] Form(params byte[][] files) => [.. files.SelectMany((file, i) => Part($"{i}.png", file)), .. "--edge--\r\n"u8];

    private static byte[] Part(string name, byte[] file)
        => [.. Encoding.UTF8.GetBytes($"--edge\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\r\n"), .. file, .. "\r\n"u8];

    private static byte[] Gzip(string text)
    {
        using var target = new MemoryStream();
        using (var stream = new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true))
            stream.Write(Encoding.UTF8.GetBytes(text));
        return target.ToArray();
    }
}

using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Serve.Api.Datasets.Archives;
using Serve.Api.Hosting;
using Serve.Api.Problems;

namespace Serve.Api.Datasets;

/// <summary>Writes the archive of a request to disk as it arrives, never more than is allowed, and unpacks it.</summary>
internal sealed class DatasetUpload(IOptions<ServeOptions> options)
{
    /// <summary>What puts the files of a request's archive below a folder, and gives the folder that has them.</summary>
    /// <exception cref="RequestRefusedException">413: the body is too large; 400, 413 or 415 also from what is returned.</exception>
    public Func<string, CancellationToken, Task<string>> Of(HttpRequest request)
    {
        var (limit, files) = (options.Value.MaxDatasetBytes, options.Value.MaxDatasetFiles);
        if (request.ContentLength > limit)
            throw ArchiveUnpacking.TooLarge($"The body has {request.ContentLength:N0} bytes; at most {limit:N0} are allowed (Serve:MaxDatasetBytes).");
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = limit;
        return async (staging, ct) =>
        {
            var (archive, folder) = (Path.Combine(staging, "archive"), Path.Combine(staging, "upload"));
            await using (var file = new FileStream(archive, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous))
                await request.Body.CopyToAsync(file, 1 << 17, ct);
            Directory.CreateDirectory(folder);
            await new ArchiveUnpacking(folder, limit, files).UnpackAsync(archive, ct);
            File.Delete(archive);
            return folder;
        };
    }
}

using System.Net;
using Microsoft.Extensions.Options;
using Serve.Api.Hosting;
using Serve.Api.Problems;
using Serve.Api.Wire;

namespace Serve.Api.Detection.Fetching;

/// <summary>Fetches pictures that a request names by their addresses, where the operator allows it.</summary>
/// <remarks>
/// Only http and https, only hosts of the list, only public addresses, the connection pinned to the address that was checked; no proxy, no cookies, no
/// credentials; redirects are followed here, one by one, each under the same rules; size and time are bounded.
/// </remarks>
internal sealed class PictureFetcher : IDisposable
{
    private const int PicturesAtOnce = 4;
    private const int LongestAddress = 2048;

    private readonly ServeOptions _limits;
    private readonly HostList _hosts;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _http;

    public PictureFetcher(IOptions<ServeOptions> options, IAddressPolicy policy, TimeProvider time)
    {
        (_limits, _hosts, _time) = (options.Value, new HostList(options.Value.Fetch.Hosts), time);
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 16,
            // Names are resolved and checked for every picture, so no connection outlives its check by much.
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            ConnectCallback = (connection, ct) => PinnedConnection.OpenAsync(connection.DnsEndPoint, policy, ct),
        });
    }

    /// <summary>Fetches pictures into their places.</summary>
    /// <param name="addresses">The addresses with their places.</param>
    /// <param name="pictures">The request's pictures.</param>
    /// <param name="partial">Whether a picture that cannot be had is told at its place, instead of refusing the request.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="RequestRefusedException">400: not allowed; 413: too large; 502: its host does not give it; 504: it takes too long.</exception>
    public async Task FetchAsync(IReadOnlyList<PictureAddress> addresses, UploadedPictures pictures, bool partial, CancellationToken ct)
    {
        // Checked first, all of them: nothing is fetched for a request that is refused anyway.
        foreach (var address in addresses)
            if (!partial)
                Check(address.Index, address.Url);
        await Parallel.ForEachAsync(addresses, new ParallelOptions { MaxDegreeOfParallelism = PicturesAtOnce, CancellationToken = ct }, async (address, token) =>
        {
            try
            {
                var bytes = await FetchOneAsync(address, token);
                lock (pictures)
                    pictures.Own(bytes);
                pictures[address.Index] = pictures[address.Index] with { Encoded = bytes.Memory };
            }
            catch (RequestRefusedException fault) when (partial)
            {
                pictures[address.Index] = pictures[address.Index] with { Fault = fault };
            }
        });
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<PooledBytes> FetchOneAsync(PictureAddress picture, CancellationToken ct)
    {
        var address = Check(picture.Index, picture.Url);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(_limits.Fetch.TimeoutSeconds), _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            for (var redirects = 0; ; redirects++)
            {
                using var response = await SendAsync(address, either.Token);
                if (response.StatusCode is HttpStatusCode.OK)
                    return await ReadAsync(response, picture.Index, either.Token);
                if (RedirectOf(response, address) is not { } next)
                    throw Fault(picture.Index, StatusCodes.Status502BadGateway, $"its host answered {(int)response.StatusCode}.");
                if (redirects == _limits.Fetch.MaxRedirects)
                    throw Fault(picture.Index, StatusCodes.Status502BadGateway, $"it is redirected more than {_limits.Fetch.MaxRedirects} times.");
                if (address.Scheme == Uri.UriSchemeHttps && next.Scheme != Uri.UriSchemeHttps)
                    throw Fault(picture.Index, StatusCodes.Status502BadGateway, "it is redirected from https to http.");
                address = Check(picture.Index, next.OriginalString);
            }
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw Fault(picture.Index, StatusCodes.Status504GatewayTimeout, $"it was not there within {_limits.Fetch.TimeoutSeconds} s.");
        }
        catch (HttpRequestException fault) when (fault.InnerException is AddressRefusedException refused)
        {
            throw Fault(picture.Index, StatusCodes.Status400BadRequest, refused.Message);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            throw Fault(picture.Index, StatusCodes.Status502BadGateway, "its host cannot be reached, or broke off.");
        }
    }

    private Task<HttpResponseMessage> SendAsync(Uri address, CancellationToken ct)
    {
        // Not disposed before the answer is read; it holds no content of its own.
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("User-Agent", "Serve");
        request.Headers.TryAddWithoutValidation("Accept", "image/*");
        return _http.SendAsync(request, ct);
    }

    private async Task<PooledBytes> ReadAsync(HttpResponseMessage response, int index, CancellationToken ct)
    {
        var length = response.Content.Headers.ContentLength;
        if (length > _limits.MaxBytes)
            throw PictureLimit.TooLarge(_limits, $"images[{index}].url: the picture");
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        return await PictureLimit.ReadAsync(stream, length, _limits, $"images[{index}].url: the picture", ct);
    }

    private static Uri? RedirectOf(HttpResponseMessage response, Uri from)
        => (int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && response.Headers.Location is { } location ? new Uri(from, location) : null;

    private Uri Check(int index, string url)
    {
        if (!_limits.Fetch.Enabled)
            throw Fault(index, StatusCodes.Status400BadRequest, "this server fetches no pictures. Send the picture itself, or have its operator set Serve:Fetch:Enabled.");
        if (url.Length > LongestAddress || !Uri.TryCreate(url, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
            throw Fault(index, StatusCodes.Status400BadRequest, $"expected an http or https address of at most {LongestAddress} characters.");
        if (address.UserInfo.Length > 0)
            throw Fault(index, StatusCodes.Status400BadRequest, "an address must not hold a name or password.");
        return _hosts.Allows(address)
            ? address
            : throw Fault(index, StatusCodes.Status400BadRequest, $"the host \"{address.Authority}\" is not one that this server fetches from.");
    }

    private static RequestRefusedException Fault(int index, int status, string cause)
        => new RequestRefusedException(status, $"images[{index}].url: {cause}").With("index", index);
}

using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Serve.Api.Detection.Fetching;

/// <summary>Registers the fetching of pictures.</summary>
internal static class FetchSetup
{
    public static IServiceCollection AddFetching(this IServiceCollection services)
    {
        services.TryAddSingleton<IAddressPolicy, PublicAddresses>();
        return services.AddSingleton<PictureFetcher>();
    }
}

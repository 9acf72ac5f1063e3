using Serve.Api.Detection.Fetching;

namespace Serve.Api.Detection;

/// <summary>Registers detection.</summary>
internal static class DetectionSetup
{
    public static IServiceCollection AddDetection(this IServiceCollection services)
        => services.AddSingleton<PictureRequestReader>().AddSingleton<PictureDetection>().AddSingleton<DecodeGate>().AddFetching();
}

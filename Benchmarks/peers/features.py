"""Log-mel of a clip with torch.stft."""

import torch

from . import shapes

FFT = 1_024
HOP = 160


def mel_matrix() -> torch.Tensor:
    """HTK's mel bands over the bins of the spectrum, [bins, bands]."""
    nyquist = shapes.SAMPLE_RATE / 2
    top = 2_595 * torch.log10(torch.tensor(1 + nyquist / 700))
    edges = 700 * (10 ** (torch.linspace(0, float(top), shapes.MELS + 2) / 2_595) - 1)
    bins = torch.linspace(0, nyquist, FFT // 2 + 1)
    slopes = edges[None, :] - bins[:, None]
    widths = edges.diff()
    rising, falling = -slopes[:, :-2] / widths[:-1], slopes[:, 2:] / widths[1:]
    return torch.minimum(rising, falling).clamp(min=0)


def log_mel():
    """A function that computes the log-mel of one ten-second clip."""
    samples = torch.randn(shapes.CLIP_SAMPLES, generator=torch.Generator().manual_seed(3)) * 0.1
    window = torch.hann_window(FFT)
    bands = mel_matrix()

    @torch.inference_mode()
    def extract():
        spectrum = torch.stft(
            samples, FFT, HOP, window=window, center=True, pad_mode="reflect", return_complex=True
        )
        power = spectrum.real.square() + spectrum.imag.square()
        return 10 * torch.log10((power.T @ bands).clamp(min=1e-10))

    return extract
